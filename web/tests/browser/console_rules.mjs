// Rules, at the console: written, corrected, tried on the past, activated, replayed.
import { SAWIT, check, look, person, run, sawit, sees, test } from "./lib.mjs";
import { analyst, ask, chief, consoleOf, pay, policy, send } from "./desk.mjs";

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

await run();
