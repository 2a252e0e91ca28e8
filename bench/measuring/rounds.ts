import { progress } from '../report/progress.ts'

/**
 * Measures every subject once in each round, so that what else the machine does falls on all alike. Ratios
 * are to be taken within a round. Every second round goes backwards: no subject always follows the same other
 * one. Resolves with the samples of each subject, one for each round.
 */
export async function pairedRounds<Subject extends { readonly name: string }, Sample>(
  section: string,
  subjects: readonly Subject[],
  rounds: number,
  measure: (subject: Subject) => Promise<Sample>,
  tell: (text: string) => void = progress,
): Promise<Sample[][]> {
  const samples = subjects.map((): Sample[] => [])
  for (let round = 1; round <= rounds; round++) {
    const order = [...subjects.keys()]
    if (round % 2 === 0) order.reverse()
    for (const index of order) {
      tell(`${section} ${round} of ${rounds}: ${subjects[index]!.name}`)
      samples[index]!.push(await measure(subjects[index]!))
    }
  }
  return samples
}
