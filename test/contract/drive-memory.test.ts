import { MemoryDrive } from '../support/memory-drive.js';
import { driveContract } from './drive-suite.js';

driveContract('memory', () => new MemoryDrive());
