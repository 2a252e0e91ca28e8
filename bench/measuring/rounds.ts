import { progress } from '../sections/section.ts'

/**
 * Measures every subject once in each round, in turns: what else the machine does then falls on all alike.
 * Every second round goes backwards, so that nobody always follows the same neighbour. Resolves with the
 * samples of each subject, one for each round.
 */
export async function takeTurns<Subject extends { readonly name: string }, Sample>(
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
