import { test } from 'tap'
import { renameSheets } from '../../lib/inject/html/sheets.js'

const rename = (address: string) => address.replace('old', 'new')

const changed: readonly (readonly [string, string])[] = [
  ['<link rel="stylesheet" href="old.css">', '<link rel="stylesheet" href="new.css">'],
  ["<LINK REL=StyleSheet HREF='old.css'/>", '<LINK REL=StyleSheet HREF="new.css"/>'],
  ['a<link href=old.css rel="alternate stylesheet" title=x>b<link rel=stylesheet href=old2.css>c', 'a<link href="new.css" rel="alternate stylesheet" title=x>b<link rel=stylesheet href="new2.css">c'],
  ['<link integrity="sha256-1" rel=stylesheet crossorigin href="old.css">', '<link integrity="" rel=stylesheet crossorigin href="new.css">'],
  ['<link rel=stylesheet href="old.css" integrity=sha256-1>', '<link rel=stylesheet href="new.css" integrity="">'],
  ['\xEF\xBB\xBF<!doctype html><p>\xC3\xA4<link rel=stylesheet href=old.css>', '\xEF\xBB\xBF<!doctype html><p>\xC3\xA4<link rel=stylesheet href="new.css">']
]
const left = [
  'no document',
  '<link rel=stylesheet href="other.css" integrity=x>',
  '<link rel=preload as=style href=old.css>',
  '<link rel=notstylesheet href=old.css>',
  '<link href=old.css>',
  '<link rel=stylesheet>',
  '<link rel=stylesheet data-href=old.css>',
  '<link rel=stylesheet href=old.css href=other.css>',
  '<link rel=stylesheet rel=icon href=old.css>',
  '<link rel=stylesheet href=old.css integrity=a integrity=b>',
  '<script src=old.css></script>',
  '<!-- <link rel=stylesheet href=old.css> -->',
  '<script>"<link rel=stylesheet href=old.css>"</script>',
  '<style><link rel=stylesheet href=old.css></style>',
  '<noscript><link rel=stylesheet href=old.css></noscript>',
  '<textarea><link rel=stylesheet href=old.css></textarea>',
  '<template><link rel=stylesheet href=old.css></template>',
  '<svg><link rel=stylesheet href=old.css></svg>',
  '<p title="<link rel=stylesheet href=old.css>">',
  '<link rel=stylesheet href=old.css'
]

test('the addresses of sheets are rewritten, without the hashes of the old content', t => {
  for (const [html, expected] of changed) t.equal(renameSheets(html, rename), expected, html)
  t.end()
})

test('everything else stays as it is', t => {
  for (const html of left) t.equal(renameSheets(html, rename), html, html)
  t.end()
})
