/**
 * One notice to the person at the desktop, where there is one (notify-send of libnotify). Fire and forget: a machine
 * without a desktop is nothing to complain about. Never with a secret in it, because arguments are public.
 */
import { spawn } from 'node:child_process';

const GIVE_UP_MS = 10_000;

export function showDesktopNotice(summary: string, body: string): void {
  const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = process.env;
  if (DBUS_SESSION_BUS_ADDRESS === undefined && XDG_RUNTIME_DIR === undefined) return;
  const child = spawn('notify-send', ['--app-name=odbfs', '--icon=folder-remote', summary, body], {
    stdio: 'ignore',
    timeout: GIVE_UP_MS,
  });
  child.on('error', () => undefined);
  child.unref();
}
