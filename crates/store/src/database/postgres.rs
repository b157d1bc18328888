//! PostgreSQL: several servers may share it.

use super::{Row, Rows, Session, TableColumns, Value};
use crate::{Result, StoreError};
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, Config, IsolationLevel, NoTls, Statement, Transaction};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The lock that alone writes; any number will do if all of Stance takes the same.
const WRITER: i64 = 0x5374_6e63;

/// A database with connections to it.
pub(crate) struct Postgres {
    config: Config,
    /// Where tables are; the server's default if not given.
    schema: Option<String>,
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects, so that what is wrong is told now.
    pub(crate) fn open(address: &str, schema: Option<&str>) -> Result<Self> {
        let mut config: Config = address.parse().map_err(|error: postgres::Error| StoreError::Address {
            address: without_password(address),
            message: error.to_string(),
        })?;
        config.connect_timeout(PATIENCE).application_name("stance");
        let database = Self { config, schema: schema.map(str::to_owned), idle: Mutex::default() };
        let connection = database.connection()?;
        database.give_back(connection);
        Ok(database)
    }

    fn connection(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle.filter(|idle| !idle.client.is_closed()) {
            return Ok(connection);
        }
        let mut client = match self.config.get_ssl_mode() {
            postgres::config::SslMode::Disable => self.config.connect(NoTls)?,
            _ => self.config.connect(tls()?)?,
        };
        if let Some(schema) = &self.schema {
            client.batch_execute(&format!("SET search_path TO \"{}\"", schema.replace('"', "\"\"")))?;
        }
        Ok(Connection { client, statements: HashMap::new() })
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Does work in a transaction; no other one of Stance writes meanwhile.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        self.with(
            |session| {
                session.execute("SELECT pg_advisory_xact_lock(?1)", &[Value::Integer(WRITER)])?;
                work(session)
            },
            IsolationLevel::ReadCommitted,
        )
    }

    /// Does work on the state of one moment.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        self.with(work, IsolationLevel::RepeatableRead)
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut dyn Session) -> Result<T>,
        isolation: IsolationLevel,
    ) -> Result<T> {
        let mut connection = self.connection()?;
        let done = {
            let Connection { client, statements } = &mut connection;
            let transaction = client.build_transaction().isolation_level(isolation).start()?;
            let mut session = Open { transaction, statements };
            // a transaction that is dropped is rolled back
            let done = work(&mut session)?;
            session.transaction.commit()?;
            done
        };
        self.give_back(connection);
        Ok(done)
    }

    /// Has the planner learn about the tables.
    pub(crate) fn tidy(&self) -> Result<()> {
        let mut connection = self.connection()?;
        // only ours: the database may be somebody else's too
        connection
            .client
            .batch_execute("ANALYZE name, scope, run, run_scope, resource, cell, finding, tally")?;
        self.give_back(connection);
        Ok(())
    }
}

/// TLS with the authorities that the machine trusts.
fn tls() -> Result<MakeRustlsConnect> {
    let wrong = |message: String| StoreError::Address { address: "TLS".to_owned(), message };
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(wrong(format!("the machine trusts no certificate authority ({})", why.join("; "))));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// An address as it may be shown.
pub(crate) fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return "…".to_owned() };
    match rest.rsplit_once('@') {
        Some((who, place)) => {
            let user = who.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{}", place.split('?').next().unwrap_or_default())
        }
        None => format!("{scheme}://{}", rest.split('?').next().unwrap_or_default()),
    }
}

struct Open<'c> {
    transaction: Transaction<'c>,
    statements: &'c mut HashMap<String, Statement>,
}

impl Open<'_> {
    fn statement(&mut self, sql: &str) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.transaction.prepare(&sql.replace('?', "$"))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Session for Open<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let statement = self.statement(sql)?;
        Ok(self.transaction.execute(&statement, &parameters(values))?)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        /// Rows that are fetched at a time.
        const AT_ONCE: i32 = 10_000;
        let statement = self.statement(sql)?;
        let portal = self.transaction.bind(&statement, &parameters(values))?;
        loop {
            let rows = self.transaction.query_portal(&portal, AT_ONCE)?;
            for row in &rows {
                each(&Row::Postgres(row))?;
            }
            if rows.len() < AT_ONCE.unsigned_abs() as usize {
                return Ok(());
            }
        }
    }

    fn insert(&mut self, table: &TableColumns, rows: &mut Rows<'_>) -> Result<()> {
        let columns = table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| kind.postgres()).collect();
        let sink = self
            .transaction
            .copy_in(&format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", table.table))?;
        let mut writer = BinaryCopyInWriter::new(sink, &types);
        rows(&mut |values| Ok(writer.write(&parameters(values))?))?;
        writer.finish()?;
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.transaction.batch_execute(sql)?)
    }
}

fn parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(of, out),
            Value::Text(text) => text.to_sql(of, out),
            Value::Bytes(bytes) => bytes.to_sql(of, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (address, shown) in [
            ("postgres://stance:se:cr@et@db.example/stance", "postgres://stance@db.example/stance"),
            ("postgres://db.example/stance?password=secret", "postgres://db.example/stance"),
            ("host=db password=secret", "…"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }
}
