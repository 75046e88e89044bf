/** The stand-in in a process of its own, so that what is measured is not measured together with it. Prints its URL. */
import { type Switches, startStandin } from '../../src/standin/index.js';

const switches = JSON.parse(process.argv[2] ?? '{}') as Partial<Switches>;
const standin = await startStandin({ switches });
process.stdout.write(`${standin.url}\n`);
process.on('SIGTERM', () => void standin.close().then(() => process.exit(0)));
