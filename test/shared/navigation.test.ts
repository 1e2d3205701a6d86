import { test } from 'tap'
import { isNavigation } from '../../lib/shared/navigation.js'

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'
const cases: [expected: boolean, name: string, headers: Record<string, string>][] = [
  [true, 'users', { 'sec-fetch-dest': 'document' }],
  [true, 'john.doe', { 'sec-fetch-dest': 'document' }],
  [true, 'users', { 'sec-fetch-dest': 'iframe' }],
  [false, 'app.js', { 'sec-fetch-dest': 'document', accept: HTML }],
  [false, 'users', { 'sec-fetch-dest': 'script', accept: HTML }],
  [false, 'users', { 'sec-fetch-dest': 'empty', accept: HTML }],
  [true, 'users', { accept: HTML }],
  [true, '', { accept: HTML }],
  [true, 'users.html', { accept: HTML }],
  [false, 'john.doe', { accept: HTML }],
  [false, 'app.js', { accept: HTML }],
  [false, 'users', { accept: '*/*' }],
  [false, 'users', {}]
]

test('who waits for a page', async t => {
  for (const [expected, name, headers] of cases) t.equal(isNavigation({ headers }, name), expected, `${name} ${JSON.stringify(headers)}`)
})
