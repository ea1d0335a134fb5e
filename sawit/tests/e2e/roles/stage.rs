//! Everybody who can call, and everything that a document of the table can name.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::{PASSWORD, Person, open_wallet, text};

use crate::world::World;

pub(super) const LOGIN: &str =
    "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";

/// The things of a document are made anew for every request, so that none changes what the next finds.
pub(super) struct Stage {
    pub(super) nobody: Client,
    /// A customer, whose wallet, payments and records the documents name.
    pub(super) owner: Person,
    stranger: Person,
    /// Runs the merchant whose sessions, keys and payments the documents name.
    merchant: Person,
    merchant_id: String,
    other_merchant: Person,
    support: Client,
    analyst: Client,
    admin: Client,
    service: Client,
    endpoint_id: Option<String>,
    count: usize,
}

impl Stage {
    pub(super) async fn set(world: &World) -> Self {
        let admin = world.provider.admin().await;
        let nobody = world.gateway();
        let merchant = world.person("kakashi", 0).await;
        let other_merchant = world.person("ichiraku", 0).await;
        let register = "mutation { registerMerchant(input: { name: \"Toko\" }) { merchant { merchantId } } }";
        other_merchant.api.send(register, json!({})).await.data();
        let registered = merchant.api.send(register, json!({})).await;
        let merchant_id = text(&registered.data()["registerMerchant"]["merchant"]["merchantId"]);
        Self {
            owner: world.person("naruto", 1_000_000).await,
            stranger: world.person("sasuke", 1_000_000).await,
            support: staff(world, &admin, "Support").await,
            analyst: staff(world, &admin, "FraudAnalyst").await,
            service: nobody.with_token(service_token(world).await),
            merchant: anew(&nobody, merchant).await,
            other_merchant: anew(&nobody, other_merchant).await,
            merchant_id,
            admin,
            nobody,
            endpoint_id: None,
            count: 0,
        }
    }

    /// In the order of the table's columns.
    pub(super) fn callers(&self) -> [Client; 9] {
        [
            self.nobody.clone(),
            self.owner.api.clone(),
            self.stranger.api.clone(),
            self.merchant.api.clone(),
            self.other_merchant.api.clone(),
            self.support.clone(),
            self.analyst.clone(),
            self.admin.clone(),
            self.service.clone(),
        ]
    }

    /// A value for every variable that these types name.
    pub(super) async fn variables(&mut self, types: &str) -> Value {
        self.count += 1;
        let mut variables = json!({});
        let names = types
            .split(", ")
            .filter_map(|variable| variable.strip_prefix('$')?.split(':').next());
        for name in names {
            variables[name] = self.value(name).await;
        }
        variables
    }

    async fn value(&mut self, name: &str) -> Value {
        match name {
            "walletId" => json!(self.owner.wallet_id),
            "strangersWalletId" => json!(self.stranger.wallet_id),
            "emptyWalletId" => json!(open_wallet(&self.owner.api, "Empty").await),
            "transactionId" => self.paid().await["transactionId"].clone(),
            "historyId" => {
                let transaction_id = text(&self.paid().await["transactionId"]);
                self.owner.history_of(&transaction_id).await[0]["historyId"].clone()
            }
            "logId" => {
                self.paid().await;
                self.by_admin("query { getFraudLogs(first: 1) { logId } }", json!({}))
                    .await["getFraudLogs"][0]["logId"]
                    .clone()
            }
            "sessionId" => self.other_session().await,
            "userId" => json!(self.owner.user_id),
            "month" => json!(crate::world::this_month()),
            "ownerEmail" => json!(self.owner.email),
            "password" => json!(PASSWORD),
            "name" => json!(format!("new{}", self.count)),
            "email" => json!(format!("new{}@example.com", self.count)),
            "domain" => json!(format!("new{}.example", self.count)),
            _ => self.value_of_merchant(name).await,
        }
    }

    /// Things of the merchant.
    async fn value_of_merchant(&mut self, name: &str) -> Value {
        let of_merchant = json!({ "merchantId": self.merchant_id });
        match name {
            "merchantId" => json!(self.merchant_id),
            "checkoutId" => self.checkout("AUTOMATIC").await["sessionId"].clone(),
            "capturedId" => self.paid_checkout("AUTOMATIC").await,
            "authorizedId" => self.paid_checkout("MANUAL").await,
            "keyId" => {
                let create = "mutation($merchantId: String!) { createApiKey(merchantId: $merchantId, name: \"Till\") { key { keyId } } }";
                self.by_merchant(create, of_merchant).await["createApiKey"]["key"]["keyId"].clone()
            }
            "endpointId" => {
                // A merchant has few of them, so the one before goes.
                if let Some(before) = self.endpoint_id.take() {
                    let delete = "mutation($id: String!) { deleteWebhookEndpoint(endpointId: $id) }";
                    self.merchant.api.send(delete, json!({ "id": before })).await;
                }
                let create = "mutation($merchantId: String!) { createWebhookEndpoint(merchantId: $merchantId, \
                    url: \"http://127.0.0.1:9/\", events: [\"endpoint.disabled\"]) { endpoint { endpointId } } }";
                let created = self.by_merchant(create, of_merchant).await;
                let created = text(&created["createWebhookEndpoint"]["endpoint"]["endpointId"]);
                self.endpoint_id = Some(created.clone());
                json!(created)
            }
            other => panic!("nothing is known of ${other}"),
        }
    }

    async fn by_admin(&self, document: &str, variables: Value) -> Value {
        self.admin.send(document, variables).await.data().clone()
    }

    async fn by_merchant(&self, document: &str, variables: Value) -> Value {
        self.merchant.api.send(document, variables).await.data().clone()
    }

    async fn paid(&self) -> Value {
        let bill = self.owner.invoice(1).await;
        self.owner.transact(self.owner.payment(&bill, 1, None)).await
    }

    async fn checkout(&mut self, capture_mode: &str) -> Value {
        self.count += 1;
        let document =
            "mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) { sessionId vaNumber } }";
        let order_id = format!("order-{}", self.count);
        let input =
            json!({ "merchantId": self.merchant_id, "orderId": order_id, "amount": 1, "captureMode": capture_mode });
        self.by_merchant(document, json!({ "input": input })).await["createPaymentSession"].clone()
    }

    async fn paid_checkout(&mut self, capture_mode: &str) -> Value {
        let va_number = text(&self.checkout(capture_mode).await["vaNumber"]);
        let paid = self.owner.transact(self.owner.payment(&va_number, 1, None)).await;
        paid["transactionId"].clone()
    }

    async fn other_session(&self) -> Value {
        self.nobody
            .send(LOGIN, json!({ "email": self.owner.email, "password": PASSWORD }))
            .await
            .data();
        let sessions = self
            .owner
            .api
            .send("query { mySessions { sessionId current } }", json!({}))
            .await;
        let sessions = sessions.data()["mySessions"].as_array().expect("a list").clone();
        let other = sessions.iter().find(|session| session["current"] == false);
        other.expect("another session")["sessionId"].clone()
    }
}

/// The same person with a token that says who they are by now.
async fn anew(gateway: &Client, person: Person) -> Person {
    let variables = json!({ "email": person.email, "password": PASSWORD });
    let session = gateway.send(LOGIN, variables).await.data()["loginUser"].clone();
    Person {
        api: gateway.with_token(text(&session["access_token"])),
        ..person
    }
}

async fn staff(world: &World, admin: &Client, role: &str) -> Client {
    let person = world.person(&role.to_lowercase(), 0).await;
    let document = "mutation($id: String!, $role: String!) { setUserRole(userId: $id, role: $role) { role } }";
    let variables = json!({ "id": person.user_id, "role": role });
    admin.send(document, variables).await.data();
    anew(&world.gateway(), person).await.api
}

async fn service_token(world: &World) -> String {
    let secret = world.provider.keys_dir().join("clients/wallet.secret");
    let secret = std::fs::read_to_string(secret).expect("the provider has made secrets");
    let document =
        "mutation($secret: String!) { issueServiceToken(clientId: \"wallet\", clientSecret: $secret) { token } }";
    let auth = Client::new(format!("{}/internal/graphql", world.provider.base_url("auth")));
    let issued = auth.send(document, json!({ "secret": secret.trim() })).await;
    text(&issued.data()["issueServiceToken"]["token"])
}
