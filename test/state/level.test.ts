import { openStore } from '../../state/open.js'
import { storeContract } from '../contract/store.js'

storeContract({ name: 'level', open: openStore('level'), durable: true })
