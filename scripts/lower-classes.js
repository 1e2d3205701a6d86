// Turns classes with private members into functions with local variables. A local name is one byte where `this.#name` is seven: 250 bytes of the page's client.
import ts from 'typescript'

/** For classes without `extends`, static members and accessors of private names. `new` works with the result, as it returns an object. */
export function lowerClasses (source) {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2022, true)
  const classes = file.statements.filter(ts.isClassDeclaration)
  return classes.reduceRight((text, node) => text.slice(0, node.getStart(file)) + lower(node, file) + text.slice(node.end), source)
}

function lower (node, file) {
  const name = node.name.text
  const text = part => rewrite(part, file)
  const constructor = node.members.find(ts.isConstructorDeclaration)
  const variables = []
  const functions = []
  const members = []
  for (const member of node.members) {
    const key = member.name && local(member.name)
    if (member === constructor) continue
    if (ts.isPropertyDeclaration(member)) {
      if (ts.isPrivateIdentifier(member.name)) variables.push(member.initializer ? `${key} = ${text(member.initializer)}` : key)
      else if (member.initializer) members.push(`${key}: ${text(member.initializer)}`)
    } else if (ts.isPrivateIdentifier(member.name)) {
      const isAsync = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
      functions.push(`${isAsync ? 'async ' : ''}function ${text(member).replace(/^async /, '')}`)
    } else {
      members.push(text(member))
    }
  }
  const parameters = constructor?.parameters.map(text).join(', ') ?? ''
  const body = constructor?.body.statements.map(text).join('\n') ?? ''
  return `export function ${name} (${parameters}) {\n${variables.length > 0 ? `let ${variables.join(', ')}\n` : ''}const self = {\n${members.join(',\n')}\n}\n${functions.join('\n')}\n${body}\nreturn self\n}`
}

/** `() => this.#method()`, with the parameters of the method, is the method: a function that knows no `this`. */
function isForwarding (node) {
  if (!ts.isArrowFunction(node) || !ts.isCallExpression(node.body)) return false
  const { expression, arguments: given } = node.body
  if (!ts.isPropertyAccessExpression(expression) || expression.expression.kind !== ts.SyntaxKind.ThisKeyword || !ts.isPrivateIdentifier(expression.name)) return false
  const method = classOf(node).members.find(member => ts.isMethodDeclaration(member) && member.name.text === expression.name.text)
  const names = node.parameters.map(({ name }) => name.getText())
  // Callers may give more than the arrow function takes, which the method then must not take either.
  return names.length === method?.parameters.length && names.length === given.length && given.every((one, i) => one.getText() === names[i])
}

const classOf = node => ts.isClassDeclaration(node) ? node : classOf(node.parent)

const local = name => ts.isPrivateIdentifier(name) ? `$${name.text.slice(1)}` : name.text

/** The text of a node with `$name` for `this.#name` and `self` for `this`. */
function rewrite (node, file) {
  const edits = []
  const visit = part => {
    if (isForwarding(part)) edits.push([part.getStart(file), part.end, local(part.body.expression.name)])
    else if (ts.isPropertyAccessExpression(part) && part.expression.kind === ts.SyntaxKind.ThisKeyword && ts.isPrivateIdentifier(part.name)) edits.push([part.getStart(file), part.end, local(part.name)])
    else if (part.kind === ts.SyntaxKind.ThisKeyword) edits.push([part.getStart(file), part.end, 'self'])
    else if (ts.isPrivateIdentifier(part)) edits.push([part.getStart(file), part.end, local(part)])
    else ts.forEachChild(part, visit)
  }
  visit(node)
  const start = node.getStart(file)
  return edits.reduceRight((text, [from, to, name]) => text.slice(0, from - start) + name + text.slice(to - start), node.getText(file))
}
