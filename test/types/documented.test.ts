// Every type that apps see, and every member of one, has a doc comment.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'

const FOLDER = new URL('../../types/', import.meta.url)

/** Exported types and members of exported interfaces without a doc comment. */
function undocumented (name: string, text: string): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  const isExported = (node: ts.Node) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  const hasComment = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).length > 0
  const found: string[] = []
  for (const node of file.statements) {
    if (!isExported(node) || !(ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))) continue
    if (!hasComment(node)) found.push(node.name.text)
    if (!ts.isInterfaceDeclaration(node)) continue
    for (const member of node.members) if (!hasComment(member)) found.push(`${node.name.text}.${member.name?.getText(file) ?? ''}`)
  }
  return found
}

for (const name of readdirSync(FOLDER)) {
  test(`types/${name}: every exported type and member is documented`, t => {
    t.strictSame(undocumented(name, readFileSync(fileURLToPath(new URL(name, FOLDER)), 'utf8')), [])
    t.end()
  })
}

test('a member or a type without a doc comment is found', t => {
  t.strictSame(undocumented('a.ts', '/** A. */ export interface A {\n  /** B. */\n  b: 1\n  c: 2\n}\nexport type D = 1\ninterface E { f: 1 }'), ['A.c', 'D'])
  t.end()
})
