import { openStore } from '../../state/open.js'
import { storeContract } from '../contract/store.js'

storeContract({ name: 'lmdb', open: openStore('lmdb'), durable: true })
