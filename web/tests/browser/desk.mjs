// What the tests of the desk share: people of the staff with their second factors, and payments that are held.
import { createHmac } from "node:crypto";
import { PASSWORD, SAWIT, admin, check, person, sawit, sees, visitor } from "./lib.mjs";

// --- people of the staff

const base32 = (text) => {
  const bits = [...text.replace(/=+$/, "")].map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
};

/** RFC 6238, six digits of thirty seconds. */
function totp(secret) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export async function me(somebody) {
  const { myProfile } = await sawit("{ myProfile { user_id } }", {}, somebody.token);
  return myProfile.user_id;
}

/** A member of staff with a second factor; its recovery codes are good for signing in at once. */
export async function staff(role, fullname) {
  const somebody = await person(undefined, fullname);
  const userId = await me(somebody);
  const begin = "mutation($password: String!) { beginTotp(currentPassword: $password) { secret } }";
  const { beginTotp: { secret } } = await sawit(begin, { password: PASSWORD }, somebody.token);
  const confirm = "mutation($code: String!) { confirmTotp(code: $code) }";
  const { confirmTotp: codes } = await sawit(confirm, { code: totp(secret) }, somebody.token);
  const set = "mutation($userId: String!, $role: String!) { setUserRole(userId: $userId, role: $role, reason: \"joins the desk\") { role } }";
  await sawit(set, { userId, role }, await admin());
  const login = "mutation($email: String!, $password: String!, $code: String) { loginUser(email: $email, password: $password, totpCode: $code) { access_token } }";
  const { loginUser } = await sawit(login, { email: somebody.email, password: PASSWORD, code: codes.pop() });
  return { ...somebody, userId, codes, token: loginUser.access_token };
}

/** A browser in which somebody of the staff is signed in at the console. */
export async function consoleOf(somebody, options) {
  const page = await (await visitor({ locale: "en-GB", ...options })).newPage();
  await page.goto(`${SAWIT}/console/sign-in`);
  await page.fill("#email", somebody.email);
  await page.fill("#password", PASSWORD);
  await page.fill("#code", somebody.codes.pop());
  await page.click("main button[type=submit]");
  await page.waitForLoadState();
  check(new URL(page.url()).pathname === "/console", `signed in, and at ${page.url()}`);
  return page;
}

const team = {};
const member = async (role, fullname) => (team[fullname] ??= await staff(role, fullname));
export const analyst = () => member("FraudAnalyst", "Ibu Ratna");
export const second = () => member("FraudAnalyst", "Pak Budi");
export const support = () => member("Support", "Mas Joko");
export const chief = () => member("Admin", "Bu Kepala");

export const send = async (page, selector) => {
  await page.click(selector);
  await page.waitForLoadState();
};

/** Opens a question and answers it. */
export async function ask(page, summary, reason) {
  const details = page.locator("details.ask", { has: page.locator("summary", { hasText: summary }) }).first();
  await details.locator("summary").click();
  if (reason) await details.locator("textarea[name=reason]").fill(reason);
  await details.locator("button[type=submit]").click();
  await page.waitForLoadState();
}

// --- payments

export async function policy(changes) {
  const token = (await chief()).token;
  const fields = "version suspiciousFrom fraudFrom suspiciousAction fraudAction reviewExpiresAfterSeconds reviewExpiryDecision fourEyesAbove";
  const { fraudPolicy } = await sawit(`{ fraudPolicy { ${fields} } }`, {}, token);
  const { version, ...now } = fraudPolicy;
  const input = { ...now, expectedVersion: version, reason: "a test of the desk", ...changes };
  await sawit("mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }", { input }, token);
}

/** Somebody with much money. It comes in parts, as deposits are limited. */
export async function rich(amount) {
  const somebody = await person(0);
  const { myWallets: [{ walletId }] } = await sawit("{ myWallets { walletId } }", {}, somebody.token);
  const topup = "mutation($walletId: String!, $amount: Decimal!, $key: String!) { topupWallet(walletId: $walletId, amount: $amount, idempotencyKey: $key) { walletId } }";
  await sawit(topup, { walletId, amount, key: `rich-${walletId}` }, (await chief()).token);
  return somebody;
}

export async function pay(from, amount) {
  const to = await person(0, "Hinata Hyuga");
  const send = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status failureCode } }";
  const input = { walletId: from.wallets[0], targetWalletId: to.wallets[0], amount, type: "TRANSFER" };
  return (await sawit(send, { input }, from.token)).createTransaction;
}

export async function ended(somebody, transactionId) {
  for (let look = 0; look < 80; look += 1) {
    const { transaction } = await sawit("query($id: String!) { transaction(transactionId: $id) { status failureCode } }", { id: transactionId }, somebody.token);
    if (!["REVIEW", "PENDING"].includes(transaction.status)) return transaction;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`${transactionId} is still under review`);
}

/** The page of a payment's case, from the desk's list. */
export async function open(page, buyer) {
  await page.goto(`${SAWIT}/console/reviews?user=${await me(buyer)}`);
  await send(page, "main table tbody a");
  await sees(page, "Why it is here");
}
