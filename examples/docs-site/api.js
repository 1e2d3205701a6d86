// A page of Markdown for an exported type, from its declaration: what it is, its members, and the types that it names.
import { readFile } from 'node:fs/promises'
import ts from 'typescript'

const sources = new Map()

/** `types`: the names of all types that have a page. */
export async function describeType (file, name, types) {
  const source = await open(file)
  const node = source.statements.find(statement => statement.name?.text === name)
  const { text, tags } = docOf(node)
  const members = ts.isInterfaceDeclaration(node) ? [...node.members] : ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type) ? [...node.type.members] : []
  const linked = new Set(types)
  const named = [...namesIn(node)].filter(one => one !== name && linked.has(one)).sort()
  return [
    `# ${name}`,
    text === '' ? `A type of \`${file.split(/[\\/]/).slice(-2).join('/')}\`.` : text,
    tags,
    `\`\`\`ts\n${declarationOf(node, source)}\n\`\`\``,
    ...members.length === 0 ? [] : ['## Members', ...members.map(member => describeMember(member, source))],
    ...named.length === 0 ? [] : ['## See also', named.map(one => `[\`${one}\`](${one}.md)`).join(', ')]
  ].filter(part => part !== '').join('\n\n') + '\n'
}

/** Parsed once for all types of a file, as long as it does not change. */
async function open (file) {
  const text = await readFile(file, 'utf8')
  if (sources.get(file)?.text !== text) sources.set(file, ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true))
  return sources.get(file)
}

function describeMember (member, source) {
  const { text, tags } = docOf(member)
  const name = member.name?.getText(source) ?? 'call'
  return [`### \`${name}\``, `\`\`\`ts\n${dedent(member.getText(source))}\n\`\`\``, text, tags].filter(part => part !== '').join('\n\n')
}

/** The comment of a declaration, and its tags as a list. */
function docOf (node) {
  const doc = (node.jsDoc ?? []).at(-1)
  const tags = (doc?.tags ?? []).map(tag => `- *${tag.tagName.text}*: ${codeIn(ts.getTextOfJSDocComment(tag.comment) ?? '')}`)
  return { text: (ts.getTextOfJSDocComment(doc?.comment) ?? '').trim(), tags: tags.join('\n') }
}

/** A default is code, unless it says more. */
const codeIn = text => /^[\w'"/.[\]{}-]+$/.test(text) ? `\`${text}\`` : text

/** Without the comments of its members, which have a place of their own. */
function declarationOf (node, source) {
  return node.getText(source).replace(/^ *\/\*\*[^]*?\*\/\n/gm, '')
}

function dedent (text) {
  const indent = Math.min(...text.split('\n').slice(1).map(line => /^ */.exec(line)[0].length), 80)
  return text.split('\n').map((line, i) => i === 0 ? line : line.slice(indent)).join('\n')
}

function namesIn (node, found = new Set()) {
  if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) found.add((node.typeName ?? node.expression).getText())
  node.forEachChild(child => { namesIn(child, found) })
  return found
}
