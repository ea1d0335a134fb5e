// The desk against fraud, at the console: what is held and decided, listed, put to sleep; and merchants.
import { SAWIT, check, look, person, run, same, sawit, sees, test, title } from "./lib.mjs";
import { analyst, ask, chief, consoleOf, ended, me, open, pay, policy, rich, second, send, support } from "./desk.mjs";

// Above what the baseline calls suspicious, below what it calls fraud.
const SUSPICIOUS = 12_000_000;
const LARGE = 30_000_000;

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

test("logs are found by what they are, and the numbers are drawn", async () => {
  const page = await consoleOf(await analyst());
  await page.goto(`${SAWIT}/console/fraud/logs`);
  await look(page, "fraud-logs");
  await page.selectOption("#status", "SUSPICIOUS");
  await page.fill("#amount_from", "12.000.000");
  await page.selectOption("#sort", "LARGEST_AMOUNT");
  await send(page, "main form.filter button");
  await sees(page, "Rp 30.000.000");
  const hider = await consoleOf(await chief());
  await hider.goto(page.url());
  await send(hider, "main table tbody a");
  await sees(hider, "Rules that fired");
  await look(hider, "fraud-log");
  await ask(hider, "Hide this log", "It was a drill.");
  await sees(hider, "The log is hidden.");
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
  await ask(page, "Revoke", "A till less.");
  await sees(page, "The key is refused from now on.");
  const hook = "mutation($id: String, $url: String!) { createWebhookEndpoint(merchantId: $id, url: $url) { endpoint { endpointId } } }";
  await sawit(hook, { id: merchantId, url: "https://shop.example/hooks" }, owner.token);
  await page.reload();
  await send(page, "a:has-text('https://shop.example/hooks')");
  await sees(page, "Attempts");
  await look(page, "merchant-endpoint");
  await page.goto(`${SAWIT}/console/merchants/${merchantId}`);
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
