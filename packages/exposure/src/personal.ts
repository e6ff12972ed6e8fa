/** Words that name what tells who somebody is, or what lets in whoever has it. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'email mail phone telephone tel fax password passwd pwd passphrase secret auth authorization bearer ' +
    'jwt credential credentials cookie apikey ip ipv4 ipv6 address street postcode zipcode zip birthday ' +
    'birthdate dob ssn iban passport cvv cvc latitude longitude lat lon lng name firstname lastname fullname surname ' +
    'username'
  ).split(' '),
)

/** They stand out of any longer word too. */
const PARTS = /email|password|passwd|phonenumber|secret|ipaddr|creditcard|token(?!s)|apikey|sessionid/

/** Words beside which `name` names a thing and nobody. */
const THINGS =
  /^(app|browser|city|country|device|event|model|os|page|plan|platform|region|screen|sdk|service|site)$/

/** Whether a feature of this name would tell who somebody is: `email`, `clientIp`, `first_name`, `accessToken`. */
export function isPersonalName(feature: string): boolean {
  const words = feature
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  if (PARTS.test(words.join(''))) return true
  const personal = words.filter((word) => WORDS.has(word))
  if (personal.length === 0) return false
  return !(personal.every((word) => word === 'name') && words.some((word) => THINGS.test(word)))
}

/** Whether a value tells who somebody is by its form: an e-mail address, a telephone number, a signed token. */
export function isPersonalValue(text: string): boolean {
  return EMAIL.test(text) || PHONE.test(text) || TOKEN.test(text)
}

const EMAIL = /[^\s@]@[^\s@]+\.[^\s@]/
const PHONE = /^\+\d[\d ()./-]{7,}$/
const TOKEN = /\beyJ[\w-]{8,}\.|\bbearer\s+\S|\b(?:sk|pk|ghp|xox[abp])[-_]\w{8,}/i
