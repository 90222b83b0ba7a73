import { openStore } from '../../state/open.js'
import { storeContract } from '../contract/store.js'

storeContract({ name: 'memory', open: openStore('memory'), durable: false })
