import Mocha from 'mocha'

/** Mocha's spec reporter, and one plain line at the end that any tool can read. */
export default class Reporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue()
    const { passes, failures } = this.stats
    Mocha.reporters.Base.consoleLog(`${passes} passed, ${failures} failed`)
  }
}
