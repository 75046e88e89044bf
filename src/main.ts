#!/usr/bin/env node
/** The program: hands over to `cli/`. */
import { runCommandLine } from './cli/index.js';

process.exitCode = await runCommandLine(process.argv);
