/**
 * Whether so many ask at once that some wait for their turn, while the server answers one after another. Time spent in
 * line is not the server's silence.
 */
export interface Crowd {
  readonly isMoving: boolean;
}

/** Nobody ever waits for a turn. */
export const NO_CROWD: Crowd = { isMoving: false };
