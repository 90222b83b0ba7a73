import { createHmac } from 'node:crypto'
import { sharedKey } from '../schemas/catalogue.js'
import type { SharedListener } from '../schemas/events.js'
import type { View } from '../state/view/view.js'
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

/** How listeners are shown to each other, and who may be looked at by whom. */
export class Others {
  constructor(
    private readonly view: Pick<View, 'get' | 'getMany' | 'scan'>,
    /** Of the aliases; without it they tell nothing of the ids. */
    private readonly key: Uint8Array
  ) {}

  /** By id. */
  async shown(ids: readonly string[], principal: Principal | null): Promise<Map<string, OtherListener>> {
    const open = seesIds(principal)
    const shared = await this.sharing(ids)
    return new Map(
      ids.map(id => {
        const listener_id = open ? id : (shared.get(id)?.alias ?? this.aliasOf(id))
        return [id, { listener_id, name: shared.get(id)?.name ?? null, is_me: principal !== null && id === principal.subject }]
      })
    )
  }

  /** Those of them who let others compare themselves with them, by id. */
  async sharing(ids: readonly string[]): Promise<Map<string, SharedListener>> {
    const found = await this.view.getMany(
      'shared-listeners',
      ids.map(id => sharedKey('user', id))
    )
    return new Map(found.filter(listener => listener !== undefined).map(listener => [listener.user_id, listener]))
  }

  /** All who do, unless they are more than `limit`. */
  async allSharing(limit: number): Promise<string[] | undefined> {
    const found = await this.view.scan('shared-listeners', { prefix: sharedKey('user', ''), limit: limit + 1 })
    return found.length > limit ? undefined : found.map(([, { user_id }]) => user_id)
  }

  /**
   * The id of a listener whom the caller may look at: with an alias, one who shares; who sees ids may use them too. Undefined:
   * there is none, or they do not share, which the caller is not to tell apart.
   */
  async find(listenerId: string, principal: Principal | null): Promise<string | undefined> {
    const shared = await this.view.get('shared-listeners', sharedKey('alias', listenerId))
    return shared?.user_id ?? (seesIds(principal) ? listenerId : undefined)
  }

  /** Stands for a listener where others see them. */
  aliasOf(userId: string): string {
    const digest = createHmac('sha256', this.key).update(userId, 'utf8').digest()
    return `listener-${Array.from(digest.subarray(0, CHARACTERS), byte => ALPHABET[byte & 31]).join('')}`
  }
}

/** Whether the caller may see ids of others: an admin, or anyone where nobody is asked who they are. */
export const seesIds = (principal: Principal | null): boolean => principal === null || isAdmin(principal)
