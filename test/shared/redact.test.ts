import { test } from 'tap'
import { createRedact } from '../../lib/shared/messages/redact.js'

const { text, result } = createRedact({ DEPLOY_TOKEN: 'abcdef123456', API_KEY: 'short', PATH: '/usr/bin:/bin/longer', NPM_PASSWORD: undefined })

test('secrets are hidden, what surrounds them stays', async t => {
  const cases: [text: string, shown: string][] = [
    ['API_KEY=abc123 npm run build failed', 'API_KEY=*** npm run build failed'],
    ['cannot reach redis://user:s3cret@cache:6379/0', 'cannot reach redis://user:***@cache:6379/0'],
    ['redis://:s3cret@cache', 'redis://:***@cache'],
    ['deploy --token abc --verbose', 'deploy --token *** --verbose'],
    ['deploy --token=abc', 'deploy --token=***'],
    ['{"password": "a b", "user": "me"}', '{"password": ***, "user": "me"}'],
    ["aws_secret_access_key='xyz'", 'aws_secret_access_key=***'],
    ['?access_token=abc&page=2', '?access_token=***&page=2'],
    ['it printed abcdef123456', 'it printed ***'],
    ['\x1b[1m--token abc', '\x1b[1m--token ***'],
    [`${'x-'.repeat(100)}token=abc`, `${'x-'.repeat(100)}token=***`]
  ]
  for (const [given, shown] of cases) t.equal(text(given), shown)
})

test('what is none is left alone', async t => {
  const lines = [
    'src/a.ts:3:7: Unexpected token: ")"', 'SyntaxError: Unexpected token < in JSON', 'the passwords do not match', 'https://example.com:8080/a@b', '/usr/bin:/bin/longer',
    'short', "Property 'token' does not exist on type 'Request'", 'secret: string', 'const tokens: Token[]', 'if (token===undefined)', 'token=>1', 'const token = read()', 'token-- x', '.token--active .b{c:d}'
  ]
  for (const line of lines) t.equal(text(line), line)
})

test('of a result: messages, stacks and output', async t => {
  const secret = 'TOKEN=abc'
  const diagnostic = { severity: 'error' as const, message: secret, file: 'src/TOKEN=abc.ts', frame: secret }
  t.strictSame(result({ ok: false, ms: 1, diagnostics: [{ ...diagnostic, stack: secret }, diagnostic], output: secret }), {
    ok: false,
    ms: 1,
    diagnostics: [{ ...diagnostic, message: 'TOKEN=***', stack: 'TOKEN=***' }, { ...diagnostic, message: 'TOKEN=***' }],
    output: 'TOKEN=***'
  }, 'a frame is what the source says')
  t.strictSame(result({ ok: true, ms: 1, diagnostics: [] }), { ok: true, ms: 1, diagnostics: [] })
})
