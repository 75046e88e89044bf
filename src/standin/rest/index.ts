import type { StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import type { Place } from '../sites.js';
import type { World } from '../world.js';

export class Rest {
  readonly #world: World;
  constructor(world: World) {
    this.#world = world;
  }
  takesWithoutSession(_request: StandinRequest): boolean {
    return false;
  }
  answerWithoutSession(request: StandinRequest): Promise<void> {
    return request.reply({ status: 404 });
  }
  takes(names: readonly string[]): boolean {
    return names.includes('_api') && this.#world !== undefined;
  }
  answer(request: StandinRequest, _session: Session, _names: readonly string[]): Promise<void> {
    return request.reply({ status: 404 });
  }
  download(request: StandinRequest, _place: Place): Promise<void> {
    return request.reply({ status: 404 });
  }
}
