import t from 'tap'
import { killed } from './kills.js'

t.test('kill -9 while it uploads: nothing is lost, nothing is doubled', t => killed(t, 3))
