import t from 'tap'
import { restarts } from '../product/restarts.js'

t.test('a hundred clean stops and starts wipe nothing and restore nothing', t => restarts(t, 100))
