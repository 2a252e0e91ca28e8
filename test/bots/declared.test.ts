import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import crawlers from 'crawler-user-agents'
import { isbot, list } from 'isbot'
import topUserAgents from 'top-user-agents'
import { isDeclaredBot, OF_PEOPLE } from '../../lib/bots/declared.ts'

/** Monitors and editors that say hardly anything, and web views that somebody took for crawlers. */
const MISSED: readonly string[] = [
  'Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO; CPH2557; OP573DL1; mt6833; en_MY; 822918295; IABMV/1) NV/1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.115.0 Chrome/142.0.7444.265 Electron/39.8.5 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 16; Pixel 10 Pro XL Build/CP1A.260305.018; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Trae/1.107.1 Chrome/142.0.7444.235 Electron/39.2.7 Safari/537.36',
  'Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_5_6; en-us) AppleWebKit/528.16 (KHTML, like Gecko) Fluid/0.9.6 Safari/528.16',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7; TSM-turingos-1253296984) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36 GTmetrix',
  'Mozilla/5.0 (X11; Linux x86_64) Miniature.io/6.0 AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/5.12.4 Chrome/69.0.3497.128 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/537.36 (KHTML, like Gecko) YLT Chrome/85.0.4183.121 Safari/537.36',
]

/** Three early phones, the readers or web views of TopBuzz, Roblox and Apple News, and an early television. */
const BY_MISTAKE: readonly string[] = [
  'Mozilla/5.0 (SAMSUNG; SAMSUNG-GT-S8500/S8500XXJEE; U; Bada/1.0; nl-nl) AppleWebKit/533.1 (KHTML, like Gecko) Dolfin/2.0 Mobile WVGA SMM-MMS/1.2.0 OPN-B',
  'Mozilla/5.0 (webOS/1.0; U; en-US) AppleWebKit/525.27.1 (KHTML, like Gecko) Version/1.0 Safari/525.27.1 Pre/1.0',
  'Mozilla/5.0 (SAMSUNG; SAMSUNG-GT-i9500/1.0; U; Tizen/1.0 like Android; en-us) AppleWebKit/534.46 (KHTML, like Gecko) SLP Browser/1.0 Mobile',
  'Mozilla/5.0 (iPad; CPU OS 12_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 TopBuzz com.alex.NewsMaster/8.2.1 (iPad; iOS 12.3.1; en; WIFI)',
  'Mozilla/5.0 (4096MB; 1280x720; 200x200; 1024x576; OnePlus CPH2413; 13) AppleWebKit/537.36 (KHTML, like Gecko) ROBLOX Android App 2.706.750 Tablet Hybrid() GooglePlayStore RobloxApp/2.706.750 (GlobalDist; GooglePlayStore)',
  'Mozilla/5.0 (1897MB; 576x1158; 215x215; 384x772; ZTE Z2466; 14) AppleWebKit/537.36 (KHTML, like Gecko) ROBLOX Android App 2.708.880 Phone Hybrid() GooglePlayStore RobloxApp/2.708.880 (GlobalDist; GooglePlayStore)',
  'Mozilla/5.0 (7665MB; 720x1600; 254x254; 360x800; Xiaomi 25078PC3EG; 15) AppleWebKit/537.36 (KHTML, like Gecko) ROBLOX Android App 2.707.734 Phone Hybrid() GooglePlayStore RobloxApp/2.707.734 (GlobalDist; GooglePlayStore)',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 10_0_2 like Mac OS X) AppleWebKit/602.1.50 (KHTML, like Gecko) AppleNews/608.0.1 Version/2.0.1',
  'Mozilla/5.0 (Linux mips; U;HbbTV/1.1.1 (+RTSP;DMM;Dreambox;0.1a;1.0;) CE-HTML/1.0; en) AppleWebKit/535.19 no/Volksbox QtWebkit/2.2',
]

const DIRECTORY = new URL('./user-agents/', import.meta.url)

/** By the place that they come from. */
type UserAgents = Readonly<Record<string, readonly string[]>>

/** Of a file in user-agents. */
function userAgentsIn(file: string): readonly string[] {
  const bySource = JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')) as UserAgents
  return Object.values(bySource).flat()
}

/** Figures of docs/valid-clicks.md. Another version of a library may change them: then the page changes, too. */
describe('what declares a bot', () => {
  const instances = crawlers.flatMap(crawler => crawler.instances)

  it('is in all but 9 of the 2 118 instances of crawler-user-agents', () => {
    expect(new Set(instances).size).to.equal(2118)
    expect(instances.filter(userAgent => !isDeclaredBot(userAgent))).to.deep.equal(MISSED)
  })

  it('leaves out patterns of isbot that no instance needs', () => {
    expect(list).to.include.members([...OF_PEOPLE])
    expect(instances.filter(userAgent => isbot(userAgent) && !isDeclaredBot(userAgent))).to.deep.equal([])
  })

  it('is in none of the 100 User-Agents that are seen most', () => {
    expect(topUserAgents).to.have.length(100)
    expect(topUserAgents.filter(userAgent => isDeclaredBot(userAgent))).to.deep.equal([])
  })

  it('is in 9 of 311 other browsers', () => {
    const browsers = ['desktop', 'phone', 'in-app', 'device'].map(name => userAgentsIn(`${name}.json`))
    expect(browsers.map(({ length }) => length)).to.deep.equal([107, 91, 78, 35])
    const isTaken = (userAgent: string) => isDeclaredBot(userAgent)
    expect(browsers.map(all => all.filter(isTaken).length)).to.deep.equal([0, 3, 5, 1])
    expect(browsers.flat().filter(isTaken)).to.deep.equal(BY_MISTAKE)
  })

  it('is in what HTTP libraries of apps send, unless they say more of the app or the phone', () => {
    const apps = userAgentsIn('app.json')
    expect(apps).to.have.length(33)
    expect(apps.filter(userAgent => isDeclaredBot(userAgent))).to.have.length(9)
    expect(isDeclaredBot('okhttp/4.12.0')).to.equal(true)
    expect(isDeclaredBot('ExampleApp/1.2')).to.equal(true)
    expect(isDeclaredBot('ExampleApp/1.2 (Android 15; Pixel 9)')).to.equal(false)
    expect(isDeclaredBot('ExampleApp/1 CFNetwork/1494.0.7 Darwin/23.4.0')).to.equal(false)
    expect(isDeclaredBot('Dalvik/2.1.0 (Linux; U; Android 9; SM-G965U Build/PPR1.180610.011)')).to.equal(
      false,
    )
  })

  it('was looked for in all files', () => {
    expect(readdirSync(DIRECTORY).sort()).to.deep.equal([
      'app.json',
      'desktop.json',
      'device.json',
      'in-app.json',
      'phone.json',
    ])
  })
})
