import { expect } from 'chai'
import { parseWrk } from '../../bench/load/wrk.ts'

const OUTPUT = `Running 3s test @ http://127.0.0.1:8080/counter/1
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.62ms    0.90ms  20.62ms   92.31%
    Req/Sec    40.27k     2.10k   43.01k    90.00%
  Latency Distribution
     50%  850.00us
     75%    1.71ms
     90%    2.02ms
     99%    1.25s\x20
  120192 requests in 3.00s, 14.21MB read
Requests/sec:  40064.00
Transfer/sec:      4.74MB
`

describe('output of wrk', () => {
  it('tells requests, their rate and latencies in milliseconds', () => {
    expect(parseWrk(OUTPUT)).to.deep.equal({
      succeeded: 120_192,
      refused: 0,
      failed: 0,
      perSecond: 40_064,
      p50Ms: 0.85,
      p99Ms: 1250,
    })
  })

  it('takes other answers for failures, and not for clicks', () => {
    const { succeeded, refused, failed, perSecond } = parseWrk(
      OUTPUT.replace('Requests/sec', '  Non-2xx or 3xx responses: 60096\nRequests/sec'),
    )
    expect({ succeeded, refused, failed, perSecond }).to.deep.equal({
      succeeded: 60_096,
      refused: 60_096,
      failed: 60_096,
      perSecond: 20_032,
    })
  })

  it('takes errors of connections for failures', () => {
    const errors = '  Socket errors: connect 1, read 20, write 300, timeout 4000\nRequests/sec'
    expect(parseWrk(OUTPUT.replace('Requests/sec', errors)).failed).to.equal(4321)
  })

  it('has no rate when nothing was answered', () => {
    const silent = OUTPUT.replace('120192 requests', '0 requests').replace('40064.00', '0.00')
    expect(parseWrk(silent).perSecond).to.equal(0)
  })

  it('must be what is expected', () => {
    expect(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused')).to.throw(
      /wrk should have printed .* but printed:\nunable to connect/,
    )
  })
})
