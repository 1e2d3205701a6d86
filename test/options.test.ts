import { test } from 'tap'
import { parseOptions } from '../lib/options.js'
test('x', t => { t.equal(parseOptions({}, '/p', {}).path, '/__live'); t.end() })
