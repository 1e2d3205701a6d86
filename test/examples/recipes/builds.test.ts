// Programs that make what is served: a source shows when it is built.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { BUILDS } from './builds.js'

for (const recipe of BUILDS) test(recipe.name, t => checkRecipe(t, recipe))
