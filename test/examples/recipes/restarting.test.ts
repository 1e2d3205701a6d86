// Programs that start the server again: a tab reloads once when the new process answers.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { RESTARTING } from './restarting.js'

for (const recipe of RESTARTING) test(recipe.name, t => checkRecipe(t, recipe))
