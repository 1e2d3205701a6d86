// Corners that whole documents reach only by chance.
import { test } from 'tap'
import { attributesOf } from '../../lib/inject/html/attributes.js'
import { insertText } from '../../lib/inject/body/insert.js'

const TAG = '<script></script>'

test('attributes without a value are passed over', async t => {
  t.strictSame(attributesOf('<meta hidden CONTENT=x name="y">').map(({ name, value }) => [name, value]), [['content', 'x'], ['name', 'y']])
})

test('scripts within scripts end where browsers end them', async t => {
  const rules = { tag: TAG, position: 'body', navigation: true } as const
  const cases = ['<script>"<script>"</script>', '<script><!-- <script> </script> --></script>', '<script><!-- <script> <script> </script> --></script>']
  for (const script of cases) {
    const before = `<!doctype html><html><head></head><body>${script}`
    t.strictSame(insertText(`${before}</body></html>`, rules), { html: `${before}${TAG}</body></html>` }, script)
  }
})
