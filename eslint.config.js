import neostandard from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: ['dist/**', '.tap/**', 'lib/browser/*.min.js', '**/dist/**'] }),
  {
    files: ['**/*.ts'],
    rules: { 'no-redeclare': 'off', '@typescript-eslint/consistent-type-imports': 'error' }
  }
]
