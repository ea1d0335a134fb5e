// The console of the staff.
import { createHmac } from "node:crypto";
import {
  PASSWORD, SAWIT, admin, check, download, look, person, run, same, sawit, sees, test, title, visitor,
} from "./lib.mjs";

/** The code that an authenticator app shows for a secret: RFC 6238 with SHA-1, six digits, thirty seconds. */
function totp(secret, step = Math.floor(Date.now() / 30_000)) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[ =]/g, "")].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac.at(-1) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const send = async (page, selector) => {
  await page.click(selector);
  await page.waitForLoadState();
};

/** Somebody who works for the provider. */
async function staff(role, fullname) {
  const somebody = await person(undefined, fullname);
  const { myProfile: { user_id: userId } } = await sawit("{ myProfile { user_id } }", {}, somebody.token);
  const change = "mutation($userId: String!, $role: String!) { setUserRole(userId: $userId, role: $role, reason: \"Hired\") { role } }";
  await sawit(change, { userId, role }, await admin());
  return { ...somebody, userId };
}

const signInForm = async (page, somebody, code = "") => {
  await page.fill("#email", somebody.email);
  await page.fill("#password", PASSWORD);
  await page.fill("#code", code);
  await send(page, "main form button[type=submit]");
};

/** A browser at the overview, after the second factor was set up on the way there. */
async function consoleOf(somebody, shots) {
  const context = await visitor({ locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${SAWIT}/console`);
  if (shots) await look(page, "console-sign-in");
  await signInForm(page, somebody);
  check(page.url().endsWith("/console/enrol"), `enrolment first, and not ${page.url()}`);
  // Nothing else is to be had before.
  await page.goto(`${SAWIT}/console/users`);
  check(page.url().endsWith("/console/enrol"), `still enrolment, and not ${page.url()}`);
  await page.fill("#password", "wrong password");
  await send(page, "main form button[type=submit]");
  await sees(page, "This password is not right.");
  await page.fill("#password", PASSWORD);
  await send(page, "main form button[type=submit]");
  somebody.secret = (await page.textContent(".secret")).replaceAll(" ", "");
  check(await page.locator("svg.qr").isVisible(), "a QR code");
  if (shots) await look(page, "console-enrol");
  await page.fill("#code", totp(somebody.secret));
  await send(page, "main form button[type=submit]");
  same(await page.locator(".recovery li").count(), 10, "recovery codes");
  somebody.recovery = await page.locator(".recovery li").allTextContents();
  if (shots) await look(page, "console-recovery");
  await send(page, "main a.button");
  same(await title(page), "Overview", "the page");
  return page;
}

async function pay(from, to, amount) {
  const transfer = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status } }";
  const input = { walletId: from.wallets[0], targetWalletId: to.wallets[0], amount, type: "TRANSFER" };
  return (await sawit(transfer, { input }, from.token)).createTransaction.transactionId;
}

test("a second factor is set up before anything else, and asked for from then on", async () => {
  const somebody = await staff("Admin", "Tsunade Senju");
  const page = await consoleOf(somebody, true);
  await send(page, "text=Sign out");
  await sees(page, "You are signed out.");
  await signInForm(page, somebody);
  await sees(page, "Type the six digits");
  await look(page, "console-code-missing");
  await signInForm(page, somebody, "000000");
  check(page.url().includes("/console/sign-in"), "a wrong code lets nobody in");
  await signInForm(page, somebody, somebody.recovery[0]);
  same(await title(page), "Overview", "after a recovery code");
  await page.goto(`${SAWIT}/app`);
  check(page.url().includes("/app/login"), "the console's session is none of the app's");
});

test("customers are kept out", async () => {
  const page = await (await visitor({ locale: "en-GB" })).newPage();
  await page.goto(`${SAWIT}/console/sign-in`);
  await signInForm(page, await person());
  await sees(page, "The console is for staff only.");
  await look(page, "console-refused");
});

test("an admin sees how payments go, and how one went", async () => {
  const [from, to] = [await person(300000, "Sakura Haruno"), await person(0, "Ino Yamanaka")];
  const id = await pay(from, to, 25000);
  const page = await consoleOf(await staff("Admin", "Shizune Kato"));
  await sees(page, "Balanced");
  await look(page, "console-overview");
  await page.goto(`${SAWIT}/console/payments`);
  await sees(page, "Rp 25.000");
  await look(page, "console-payments");
  await page.fill("#id", id);
  await send(page, "main form button[type=submit]");
  await sees(page, "Transfer of Rp 25.000");
  check((await page.locator(".timeline li").count()) >= 2, "steps");
  await look(page, "console-payment");
  for (const path of ["users", "wallets", "ledger", "audit?verify=0", "actions", "parked"]) {
    await page.goto(`${SAWIT}/console/${path}`);
    const body = await page.innerText("main");
    check(!body.includes("cannot be shown"), `${path}: ${body}`);
    await look(page, `console-${path.split("?")[0]}`);
  }
});

test("a wallet is frozen with a reason, and who did it is written down", async () => {
  const somebody = await person(50000, "Rock Lee");
  const page = await consoleOf(await staff("Admin", "Kakashi Hatake"));
  await page.goto(`${SAWIT}/console/wallets/${somebody.wallets[0]}`);
  await page.click("text=Freeze this wallet");
  await look(page, "console-freeze");
  await page.fill("#freeze-reason", "Phone <b>stolen</b>, says its owner");
  await send(page, "details.ask button[type=submit]");
  await sees(page, "The wallet is frozen");
  await look(page, "console-wallet-frozen");
  await page.goto(`${SAWIT}/console/actions?object=${somebody.wallets[0]}`);
  await sees(page, "freezeWallet");
  await sees(page, "Phone <b>stolen</b>, says its owner");
  await look(page, "console-actions-wallet");
});

test("support sees everything and is offered no change", async () => {
  const somebody = await person(50000, "Might Guy");
  const page = await consoleOf(await staff("Support", "Iruka Umino"));
  await page.goto(`${SAWIT}/console/wallets/${somebody.wallets[0]}`);
  await sees(page, "Rp 50.000");
  same(await page.locator("main form[method=post]").count(), 0, "forms that change something");
  const paper = await download(page, ".months li a:has-text('PDF')");
  check(paper.bytes.toString("latin1").includes("(Might Guy) Tj"), "the statement has its holder's name");
  await look(page, "console-support");
  // Tried all the same, with a form as an admin's page would have it.
  await page.evaluate((wallet) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = `/console/wallets/${wallet}/freeze`;
    form.innerHTML = "<input name=reason value=Mischief>";
    form.append(document.querySelector("header input[name=form_token]").cloneNode());
    document.body.append(form);
    form.submit();
  }, somebody.wallets[0]);
  await page.waitForURL("**/freeze");
  await sees(page, "You may not do this.");
  await look(page, "console-support-refused");
});

await run();
