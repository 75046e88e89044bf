/** Switches of what comes before any protocol: how the server holds clients back, and what becomes of answers on their way. */
import { defineSwitches } from './switch-table.js';

export const THROTTLE_SWITCHES = defineSwitches({
  throttleAfter: { default: 0, doc: 'requests per throttleWindowSeconds; then 429 (4). The service: 3000' },
  throttleWindowSeconds: { default: 300, doc: 'see throttleAfter (4)' },
  throttleStatus: { default: 429, doc: '429 or 503 (4)' },
  throttleRetryAfterSeconds: { default: 30, doc: 'what Retry-After says at least (4)' },
  retryAfterForm: {
    default: 'seconds',
    values: ['seconds', 'date', 'missing'],
    hostile: 'date',
    doc: 'form of Retry-After (4)',
  },
  throttleNext: { default: 0, doc: 'this many of the next requests are throttled at once; counts down' },
  unavailableNext: { default: 0, doc: 'this many of the next requests get a 503; counts down' },
  undecoratedFactor: { default: 0.5, doc: 'share of throttleAfter for a User-Agent without (NON)ISV| (4)' },
  healthScore: { default: 0, hostile: 3, doc: 'X-SharePointHealthScore (4)' },
  probeLimit: { default: 5, doc: 'unknown personal sites asked for in the window before 429 for all (4)' },
});

export const TRANSPORT_SWITCHES = defineSwitches({
  latencyMs: { default: 0, doc: 'added before every answer' },
  continueUnasked: {
    default: false,
    doc: '100 Continue before every answer, whether it was asked for or not (T5.2)',
  },
  packText: {
    default: false,
    hostile: true,
    doc: 'text, XML and JSON come by gzip to those who accept it (no source)',
  },
  bytesPerSecond: { default: 0, doc: 'per connection, each way' },
  totalBytesPerSecond: { default: 0, doc: 'of all connections, each way' },
  resetBodyAfterBytes: { default: 0, doc: 'answers longer than this are cut there, connection reset' },
  resetBodiesNext: { default: 0, doc: 'this many of the next bodies are cut in half; counts down' },
  resetUploadAfterBytes: { default: 0, doc: 'request bodies are cut after this many bytes' },
  slowBodyBytesPerSecond: { default: 0, doc: 'bodies drip at this rate' },
  faultMatch: {
    default: '',
    doc: 'the *Next, *To* and spurious faults below strike only requests whose `METHOD /path` contains this',
  },
  failNext: { default: 0, doc: 'this many of the next requests get failStatus; counts down' },
  failStatus: { default: 500, doc: 'see failNext' },
  dropNext: { default: 0, doc: 'this many of the next connections are cut without an answer; counts down' },
  completeThenDropNext: {
    default: 0,
    doc: 'this many of the next writes take effect, then the connection is cut; counts down',
  },
  hangNext: { default: 0, doc: 'this many of the next requests never get an answer; counts down' },
  spuriousUnauthorizedEvery: {
    default: 0,
    hostile: 23,
    doc: 'every nth request: 401 Unable to initialize RPS (5.2.9)',
  },
  spuriousUnauthorizedOffersToken: {
    default: false,
    doc: 'those 401 come with WWW-Authenticate: Bearer, and tell the reason only in their body',
  },
  htmlInsteadOfFile: {
    default: 0,
    doc: 'this many of the next downloads are 200 text/html (5.2.3); counts down',
  },
  redirectDav: {
    default: 0,
    doc: 'this many of the next DAV requests get a 302 to themselves (5.2.19); counts down',
  },
  redirectToPlain: {
    default: 0,
    doc: 'this many of the next requests get a redirect to http (5.2.20); counts down',
  },
  cutTransferAfterExpiry: {
    default: false,
    doc: 'a download is reset when its session expires on the way (T2.14)',
  },
});
