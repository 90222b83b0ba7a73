/** What can go wrong with Spotify, named by the reaction that it asks for. Messages are sentences and hold no secret. */

/** Come again later: no connection, a time-out, 5xx. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
}

/** Come again after `retryAfterMs`. */
export class RateLimitedError extends Error {
  override name = 'RateLimitedError'
  constructor(readonly retryAfterMs: number) {
    super(`Spotify asks to wait ${Math.ceil(retryAfterMs / 1000)} s before the next request.`)
  }
}

/** The access token is no longer good: get another one. */
export class UnauthorizedError extends Error {
  override name = 'UnauthorizedError'
}

/** Spotify will not answer this for this account: no Premium, not among the app's users, or not among the scopes. */
export class ForbiddenError extends Error {
  override name = 'ForbiddenError'
}

/** The listener's consent has ended (revoked, or six months old): they must connect again. */
export class ReconnectError extends Error {
  override name = 'ReconnectError'
}

/** The answer is not what Spotify's API promises. */
export class UnexpectedAnswerError extends Error {
  override name = 'UnexpectedAnswerError'
}
