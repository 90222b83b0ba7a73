/** A stated time (validated as date-time), or the present, milliseconds. */
export const timeOf = (stated: string | undefined, now: number): number => (stated === undefined ? now : Date.parse(stated))
