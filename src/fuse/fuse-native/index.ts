export { mountFuseNative } from './mount-fuse-native.js';
