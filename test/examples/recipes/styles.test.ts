// Programs that make style sheets: a sheet and what went into it show in place when it is made.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { STYLES } from './styles.js'

for (const recipe of STYLES) test(recipe.name, t => checkRecipe(t, recipe))
