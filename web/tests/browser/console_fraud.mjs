// The desk against fraud, at the console: what is held, decided, written as a rule, listed.
import { createHmac } from "node:crypto";
import { PASSWORD, SAWIT, admin, check, look, person, run, same, sawit, sees, test, title, visitor } from "./lib.mjs";

// Above what the baseline calls suspicious, below what it calls fraud.
const SUSPICIOUS = 12_000_000;
const LARGE = 30_000_000;

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

async function me(somebody) {
  const { myProfile } = await sawit("{ myProfile { user_id } }", {}, somebody.token);
  return myProfile.user_id;
}

/** A member of staff with a second factor; its recovery codes are good for signing in at once. */
async function staff(role, fullname) {
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
async function consoleOf(somebody, options) {
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
const analyst = () => member("FraudAnalyst", "Ibu Ratna");
const second = () => member("FraudAnalyst", "Pak Budi");
const support = () => member("Support", "Mas Joko");
const chief = () => member("Admin", "Bu Kepala");

const send = async (page, selector) => {
  await page.click(selector);
  await page.waitForLoadState();
};

/** Opens a question and answers it. */
async function ask(page, summary, reason) {
  const details = page.locator("details.ask", { has: page.locator("summary", { hasText: summary }) }).first();
  await details.locator("summary").click();
  if (reason) await details.locator("textarea[name=reason]").fill(reason);
  await details.locator("button[type=submit]").click();
  await page.waitForLoadState();
}

// --- payments

async function policy(changes) {
  const token = (await chief()).token;
  const fields = "version suspiciousFrom fraudFrom suspiciousAction fraudAction reviewExpiresAfterSeconds reviewExpiryDecision fourEyesAbove";
  const { fraudPolicy } = await sawit(`{ fraudPolicy { ${fields} } }`, {}, token);
  const { version, ...now } = fraudPolicy;
  const input = { ...now, expectedVersion: version, reason: "a test of the desk", ...changes };
  await sawit("mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }", { input }, token);
}

/** Somebody with much money. It comes in parts, as deposits are limited. */
async function rich(amount) {
  const somebody = await person(0);
  const { myWallets: [{ walletId }] } = await sawit("{ myWallets { walletId } }", {}, somebody.token);
  const topup = "mutation($walletId: String!, $amount: Decimal!, $key: String!) { topupWallet(walletId: $walletId, amount: $amount, idempotencyKey: $key) { walletId } }";
  await sawit(topup, { walletId, amount, key: `rich-${walletId}` }, (await chief()).token);
  return somebody;
}

async function pay(from, amount) {
  const to = await person(0, "Hinata Hyuga");
  const send = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status failureCode } }";
  const input = { walletId: from.wallets[0], targetWalletId: to.wallets[0], amount, type: "TRANSFER" };
  return (await sawit(send, { input }, from.token)).createTransaction;
}

async function ended(somebody, transactionId) {
  for (let look = 0; look < 80; look += 1) {
    const { transaction } = await sawit("query($id: String!) { transaction(transactionId: $id) { status failureCode } }", { id: transactionId }, somebody.token);
    if (!["REVIEW", "PENDING"].includes(transaction.status)) return transaction;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`${transactionId} is still under review`);
}

/** The page of a payment's case, from the desk's list. */
async function open(page, buyer) {
  await page.goto(`${SAWIT}/console/reviews?user=${await me(buyer)}`);
  await send(page, "main table a:has-text('Open')");
  await sees(page, "Why it is here");
}

// --- the stories

test("a suspicious payment waits at the desk, one is approved and one rejected", async () => {
  await policy({ suspiciousAction: "REVIEW", fourEyesAbove: null });
  const [good, bad] = [await rich(SUSPICIOUS * 2), await rich(SUSPICIOUS * 2)];
  const [first, other] = [await pay(good, SUSPICIOUS), await pay(bad, SUSPICIOUS)];
  same(first.status, "REVIEW", "a suspicious payment");
  same(other.status, "REVIEW", "another");
  const page = await consoleOf(await analyst());
  await page.goto(`${SAWIT}/console/reviews`);
  await sees(page, "Rp 12.000.000");
  await look(page, "fraud-desk");
  await open(page, good);
  await sees(page, "amount_above_suspicious_limit");
  await look(page, "fraud-case");
  // Without a note the browser does not send it.
  await page.click("button:has-text('Approve')");
  await sees(page, "Why it is here");
  await page.fill("#note", "Known customer, called back <b>today</b>.");
  await send(page, "button:has-text('Approve')");
  await sees(page, "Approved. The payment goes on.");
  await sees(page, "called back <b>today</b>");
  await look(page, "fraud-case-approved");
  same((await ended(good, first.transactionId)).status, "SUCCESS", "what was approved");
  await open(page, bad);
  await page.fill("#note", "Says that it was not them.");
  await send(page, "button:has-text('Reject')");
  await sees(page, "Rejected. The money is let go.");
  const rejected = await ended(bad, other.transactionId);
  same(`${rejected.status} ${rejected.failureCode}`, "FAILED REVIEW_REJECTED", "what was rejected");
  await page.goto(`${SAWIT}/console/reviews?state=REJECTED`);
  await sees(page, "Rejected");
});

test("above the limit two people approve", async () => {
  await policy({ suspiciousAction: "REVIEW", fourEyesAbove: 20_000_000 });
  const buyer = await rich(LARGE);
  const { transactionId, status } = await pay(buyer, LARGE);
  same(status, "REVIEW", "a large payment");
  const [one, two] = [await consoleOf(await analyst()), await consoleOf(await second())];
  await open(one, buyer);
  await sees(one, "Two people must approve.");
  await one.fill("#note", "Fine as far as I see.");
  await send(one, "button:has-text('Approve')");
  await sees(one, "A second person must approve");
  check(!(await one.isVisible("button:has-text('Approve')")), "one person is not asked twice");
  await look(one, "fraud-four-eyes-first");
  await open(two, buyer);
  await sees(two, "One approval is recorded");
  await look(two, "fraud-four-eyes-second");
  await two.fill("#note", "Fine to me as well.");
  await send(two, "button:has-text('Approve')");
  await sees(two, "Approved. The payment goes on.");
  same((await ended(buyer, transactionId)).status, "SUCCESS", "what two people approved");
});

test("a rule is written, corrected, tried on the past, activated, and fires", async () => {
  await policy({ suspiciousAction: "ALLOW", fourEyesAbove: null });
  const before = await person(500_000);
  await pay(before, 77_777);
  const page = await consoleOf(await analyst());
  const name = `exact_amount_${process.pid}`;
  await page.goto(`${SAWIT}/console/fraud/rules`);
  await look(page, "fraud-rules");
  await send(page, "main a:has-text('New rule')");
  await page.fill("#name", name);
  await page.fill("#description", "An amount that is always the same");
  await page.fill("#expression", "amonut == 77777.0");
  await page.fill("#reason", "Seen in three cases.");
  await send(page, "button:has-text('Save the rule')");
  await sees(page, "This expression cannot be used");
  await sees(page, "Column 1");
  await sees(page, "^");
  await look(page, "fraud-rule-wrong");
  await page.fill("#expression", "amount == 77777.0");
  await send(page, "button:has-text('Check the expression')");
  await sees(page, "The expression is good.");
  await send(page, "button:has-text('Back-test')");
  for (let look = 0; look < 60 && !(await page.isVisible(".badge:has-text('Done')")); look += 1) {
    await new Promise((done) => setTimeout(done, 500));
    await page.reload();
  }
  await sees(page, "Done");
  await sees(page, name);
  await look(page, "fraud-backtest");
  await page.goto(`${SAWIT}/console/fraud/rules/new`);
  await page.fill("#name", name);
  await page.fill("#description", "An amount that is always the same");
  await page.fill("#expression", "amount == 77777.0");
  await page.fill("#reason", "Seen in three cases.");
  await send(page, "button:has-text('Save the rule')");
  await sees(page, "The rule is saved.");
  await ask(page, "Activate", "The back-test looks right.");
  await sees(page, "The rule’s state is changed.");
  await look(page, "fraud-rule");
  const after = await person(500_000);
  const { transactionId } = await pay(after, 77_777);
  const { fraudLogOf } = await sawit("query($id: String!) { fraudLogOf(transactionId: $id) { logId rules } }", { id: transactionId }, (await chief()).token);
  check(fraudLogOf.rules.includes(name), `the rule fires: ${fraudLogOf.rules}`);
  await page.goto(`${SAWIT}/console/fraud/logs/${fraudLogOf.logId}`);
  await send(page, "main a:has-text('Replay')");
  await sees(page, "Identical");
  await look(page, "fraud-log-replayed");
  await page.goto(`${SAWIT}/console/fraud/rules/${name}`);
  await ask(page, "Switch off", "Enough of it.");
  await sees(page, "The rule’s state is changed.");
});

test("logs are found by what they are, and the numbers are drawn", async () => {
  const page = await consoleOf(await analyst());
  await page.goto(`${SAWIT}/console/fraud/logs`);
  await look(page, "fraud-logs");
  await page.selectOption("#status", "SUSPICIOUS");
  await page.fill("#amount_from", "12.000.000");
  await page.selectOption("#sort", "LARGEST_AMOUNT");
  await send(page, "main form.filter button");
  await sees(page, "Rp 30.000.000");
  await page.fill("#score_from", "50");
  await page.fill("#amount_from", "much");
  await send(page, "main form.filter button");
  await sees(page, "An amount in rupiah");
  await look(page, "fraud-logs-wrong");
  await page.goto(`${SAWIT}/console/fraud/statistics`);
  await sees(page, "amount_above_suspicious_limit");
  await look(page, "fraud-statistics");
});

test("who is on the deny list is refused, until the entry is removed", async () => {
  const buyer = await person(500_000);
  const page = await consoleOf(await analyst());
  await page.goto(`${SAWIT}/console/fraud/lists`);
  await page.fill("#value", await me(buyer));
  await page.fill("#reason", "Stolen phone.");
  await send(page, "button:has-text('Add')");
  await sees(page, "The entry stands on the list.");
  await sees(page, "Stolen phone.");
  await look(page, "fraud-lists");
  const refused = await pay(buyer, 10_000);
  same(`${refused.status} ${refused.failureCode}`, "FAILED FRAUD_BLOCKED", "a payment of somebody denied");
  await page.goto(`${SAWIT}/console/fraud/lists?list=DENY`);
  await ask(page, "Remove", "It was found.");
  await sees(page, "The entry is removed.");
  same((await pay(buyer, 10_000)).status, "SUCCESS", "a payment afterwards");
});

test("support looks and changes nothing; an analyst leaves the policy alone", async () => {
  await policy({ suspiciousAction: "REVIEW", fourEyesAbove: null });
  const buyer = await rich(SUSPICIOUS * 2);
  await pay(buyer, SUSPICIOUS);
  const page = await consoleOf(await support());
  await open(page, buyer);
  await sees(page, "Your role can look, and changes nothing.");
  same(await page.locator("main form[method=post]").count(), 0, "forms on the case that support sees");
  await look(page, "fraud-case-support");
  for (const path of ["fraud/rules", "fraud/lists", "fraud/snoozes", "fraud/policy", "merchants"]) {
    await page.goto(`${SAWIT}/console/${path}`);
    same(await page.locator("main form[method=post]").count(), 0, `forms on ${path} that support sees`);
  }
  // Even a form that was made by hand is refused by the API.
  const reject = 'mutation($id: String!) { rejectReview(caseId: $id, note: "no") { state } }';
  const { reviewCases: [{ caseId }] } = await sawit("query($id: String!) { reviewCases(userId: $id) { caseId } }", { id: await me(buyer) }, (await support()).token);
  const refused = await sawit(reject, { id: caseId }, (await support()).token).then(() => "done", (error) => error.message);
  check(refused.includes("FORBIDDEN"), refused);
  const other = await consoleOf(await analyst());
  await other.goto(`${SAWIT}/console/fraud/policy`);
  await sees(other, "Only an admin changes the policy.");
  const admins = await consoleOf(await chief());
  await admins.goto(`${SAWIT}/console/fraud/policy`);
  await admins.selectOption("#suspicious_action", "ALLOW");
  await admins.fill("#policy-reason", "The test is over.");
  await send(admins, "button:has-text('Set the policy')");
  await sees(admins, "The policy is in force");
  await look(admins, "fraud-policy");
});

test("a rule sleeps for one payer", async () => {
  await policy({ suspiciousAction: "REVIEW", fourEyesAbove: null });
  const buyer = await rich(SUSPICIOUS * 3);
  await pay(buyer, SUSPICIOUS);
  const page = await consoleOf(await analyst());
  await open(page, buyer);
  await ask(page, "Snooze a rule", "Buys cars for a living.");
  await sees(page, "Buys cars for a living.");
  await look(page, "fraud-snoozes");
  await ask(page, "End", "No longer.");
  await sees(page, "The rule counts again.");
});

test("a merchant's keys, fees and status are an admin's", async () => {
  const owner = await person();
  const register = "mutation($input: MerchantInput!) { registerMerchant(input: $input) { merchant { merchantId } } }";
  const { registerMerchant: { merchant: { merchantId } } } = await sawit(register, { input: { name: "Toko <i>Kopi</i>" } }, owner.token);
  const page = await consoleOf(await chief());
  await page.goto(`${SAWIT}/console/merchants`);
  await sees(page, "Toko <i>Kopi</i>");
  await look(page, "merchants");
  await page.goto(`${SAWIT}/console/merchants/${merchantId}`);
  await look(page, "merchant");
  await page.click("summary:has-text('Make a key')");
  await page.fill("#key-name", "Kasir");
  await page.fill("#key-reason", "A second till.");
  await send(page, "button:has-text('Make the key')");
  await sees(page, "New key: Kasir");
  const secret = await page.textContent(".new-key pre");
  await look(page, "merchant-new-key");
  await page.goto(`${SAWIT}/console/merchants/${merchantId}`);
  check(!(await page.content()).includes(secret), "the key is shown once");
  await page.click("summary:has-text('Set a plan')");
  await page.fill("#percent", "1.5");
  await page.fill("#fixed", "2.500");
  await page.fill("#fee-reason", "As agreed.");
  await send(page, "button:has-text('Set the plan')");
  await sees(page, "Rp 2.500");
  await ask(page, "Stop this merchant", "Complaints.");
  await sees(page, "Suspended");
  await look(page, "merchant-suspended");
  await ask(page, "Start this merchant", "All is well.");
  await sees(page, "Active");
  same(await title(page).then((text) => text.includes("Toko <i>Kopi</i>")), true, "the name is text");
});

await run();
