import { objectsContract } from '../contract/objects.js'
import { MemoryObjects } from './memory-objects.js'

objectsContract({ name: 'memory', open: async () => new MemoryObjects() })
