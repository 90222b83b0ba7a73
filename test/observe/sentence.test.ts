import t from 'tap'
import { StoreVersionError } from '../../streams/stores/operand-ring.js'
import { reasonOf } from '../../tools/sentence.js'

t.test('why a process ends: a sentence where it is known what to do, else the stack', async t => {
  t.equal(reasonOf(new StoreVersionError('Reset it.')), 'Reset it. The command is: segue reset --execute')
  t.equal(reasonOf(Object.assign(new Error('It is full.'), { name: 'StoreFullError' })), 'It is full.')
  t.match(reasonOf(new TypeError('x is undefined')), /^TypeError: x is undefined\n {4}at /)
  t.equal(reasonOf('gone'), 'gone')
})
