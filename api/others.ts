import { createHmac } from 'node:crypto'
import { isAdmin, type Principal } from './auth/principal.js'

/** 60 bits: among a million listeners two share an alias with a probability of one in two million. */
const CHARACTERS = 12
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A listener as another one may see them. */
export interface OtherListener {
  listener_id: string
  name: string | null
  is_me: boolean
}

/** How listeners are shown to each other. */
export class Others {
  /** `key`: of the aliases; without it they tell nothing of the ids. */
  constructor(private readonly key: Uint8Array) {}

  /** By id. */
  async shown(ids: readonly string[], principal: Principal | null): Promise<Map<string, OtherListener>> {
    const open = seesIds(principal)
    return new Map(
      ids.map(id => [id, { listener_id: open ? id : this.aliasOf(id), name: null, is_me: principal !== null && id === principal.subject }])
    )
  }

  /** Stands for a listener where others see them. */
  aliasOf(userId: string): string {
    const digest = createHmac('sha256', this.key).update(userId, 'utf8').digest()
    return `listener-${Array.from(digest.subarray(0, CHARACTERS), byte => ALPHABET[byte & 31]).join('')}`
  }
}

/** Whether the caller may see ids of others: an admin, or anyone where nobody is asked who they are. */
export const seesIds = (principal: Principal | null): boolean => principal === null || isAdmin(principal)
