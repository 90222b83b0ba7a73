/** The stack can't be started; the message says why and what to do. */
export class StackError extends Error {
  override name = 'StackError'
}
