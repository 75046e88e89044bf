/** A server that asks for pauses: applications notice nothing but time; nothing is lost or doubled. */
import { sharedDrive } from '../support/mounted-drive.js';
import { FAULTS_LIMIT, survives } from '../support/survives-faults.js';

const onDrive = sharedDrive({ warnings: /./ });

onDrive('storms of 429 with Retry-After', FAULTS_LIMIT, (drive) =>
  survives(drive, { throttleNext: 8, throttleRetryAfterSeconds: 1 }),
);
onDrive('503 now and then', FAULTS_LIMIT, (drive) =>
  survives(drive, { unavailableNext: 6, throttleRetryAfterSeconds: 1 }),
);
