import t from 'tap'
import { restarts } from './restarts.js'

t.test('a clean stop and start wipes nothing and restores nothing', t => restarts(t, 3))
