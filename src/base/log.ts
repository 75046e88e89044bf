import { pino } from 'pino';

/**
 * One line per event, structured: `log.info({ path, bytes }, 'uploaded')`. Values must never be secrets; the usual
 * places where one could slip in are blanked all the same.
 */
export type Log = pino.Logger;
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

const SECRET_FIELDS = ['cookie', 'Cookie', 'authorization', 'Authorization', 'password', 'token', 'secret'];

export interface LogDestination {
  write(line: string): void;
}

export function createLog(level: LogLevel, destination: LogDestination = process.stderr): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `headers.${field}`]),
        censor: '[secret]',
      },
    },
    destination,
  );
}

export const silentLog: Log = pino({ level: 'silent' });
