// A small highlighter: comments, strings, numbers and keywords of the languages that these pages use.
const KEYWORDS = 'async|await|case|catch|const|default|do|else|export|false|for|from|function|if|import|in|interface|let|new|null|of|readonly|return|switch|throw|true|try|type|typeof|undefined|while'

const rules = {
  code: new RegExp([
    '(?<comment>/\\*[\\s\\S]*?\\*/|(?<![:\\w"\'])//[^\\n]*)',
    '(?<string>"(?:\\\\.|[^"\\\\\\n])*"|\'(?:\\\\.|[^\'\\\\\\n])*\'|`(?:\\\\.|[^`\\\\])*`)',
    `(?<keyword>\\b(?:${KEYWORDS})\\b)`,
    '(?<number>\\b\\d[\\d_.]*\\b)'
  ].join('|'), 'g'),
  shell: /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>"[^"\n]*"|'[^'\n]*')|(?<keyword>^(?:npm|npx|node|git|sudo|curl|echo|docker)\b)/gm,
  markup: /(?<comment><!--[\s\S]*?-->)|(?<keyword><\/?[\w-]+|\/?>)|(?<string>"[^"\n]*")/g
}

const languages = {
  js: 'code', ts: 'code', json: 'code', sh: 'shell', bash: 'shell', console: 'shell', html: 'markup', ejs: 'markup', xml: 'markup'
}

/** Returns code as escaped HTML, with `<span class="tok-...">` around each coloured token. */
export function highlight (code, language) {
  const rule = rules[languages[language]]
  if (rule === undefined) return escape(code)
  let html = ''
  let end = 0
  for (const match of code.matchAll(rule)) {
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined)
    html += `${escape(code.slice(end, match.index))}<span class="tok-${kind}">${escape(match[0])}</span>`
    end = match.index + match[0].length
  }
  return html + escape(code.slice(end))
}

export function escape (text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
