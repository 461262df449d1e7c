import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { openRealDisk } from '../../kit/index.ts'
import {
  parseRuleTestFile,
  RuleFileError,
  RuleTestFileError,
  readRuleFiles,
  runRuleTests,
} from '../../monitor/index.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'

/** `glasslog rules check | test FILE...`: looks at rule files, or runs their tests, without a broker. */
export async function rules([action, ...files]: readonly string[]): Promise<number> {
  if ((action !== 'check' && action !== 'test') || files.length === 0) {
    throw new CommandFailure(
      'rules takes check or test, and files\nTry: glasslog rules --help',
      EXIT.usage,
    )
  }
  let failed = false
  for (const file of files) {
    console.log(action === 'check' ? `Checking ${file}` : `Unit Testing:  ${file}`)
    const failures = action === 'check' ? await check(file) : await test(file)
    for (const failure of failures) console.log(`  FAILED:\n    ${failure}`)
    if (failures.length > 0) failed = true
    console.log('')
  }
  return failed ? EXIT.failed : EXIT.ok
}

async function check(file: string): Promise<readonly string[]> {
  try {
    const groups = await readRuleFiles(openRealDisk(), [file])
    const count = groups.reduce((sum, group) => sum + group.rules.length, 0)
    console.log(`  SUCCESS: ${count} rules found`)
    return []
  } catch (error) {
    if (error instanceof RuleFileError) return error.message.split('\n')
    throw error
  }
}

/** Names of rule files in a test are relative to it. */
async function test(file: string): Promise<readonly string[]> {
  try {
    const tests = parseRuleTestFile(await readTestFile(file))
    const paths = tests.ruleFiles.map((path) => resolve(dirname(file), path))
    const failures = await runRuleTests(tests, await readRuleFiles(openRealDisk(), paths))
    if (failures.length === 0) console.log('  SUCCESS')
    return failures
  } catch (error) {
    if (error instanceof RuleFileError || error instanceof RuleTestFileError) return [error.message]
    throw error
  }
}

async function readTestFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new RuleTestFileError(error instanceof Error ? error.message : String(error))
  }
}
