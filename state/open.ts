import { rm } from 'node:fs/promises'
import { openLevelStore } from './level-store.js'
import { openLmdbStore } from './lmdb-store.js'
import { openMemoryStore } from './memory-store.js'
import type { OpenStore } from './store.js'

export const storeKinds = ['lmdb', 'level', 'memory'] as const
export type StoreKind = (typeof storeKinds)[number]

const adapters: Record<StoreKind, OpenStore> = {
  lmdb: directory => openLmdbStore(directory),
  level: openLevelStore,
  memory: openMemoryStore
}

/** The adapter of that name. @throws StoreCorruptedError (when a store is opened) `wipeStore`, then restore. */
export const openStore = (kind: StoreKind): OpenStore => adapters[kind]

/** Removes what a task has stored: the reaction to a StoreCorruptedError. The store must not be open. */
export const wipeStore = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true })
