/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  subscription WatchOwn($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind }\n  }\n": typeof types.WatchOwnDocument,
    "\n  subscription SameConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId } } }\n  }\n": typeof types.SameConnectionsDocument,
    "\n  subscription SameRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n": typeof types.SameRawDocument,
    "\n  query TrustedViewer { viewer { subject } }\n": typeof types.TrustedViewerDocument,
    "\n  subscription TrustedWatch($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }\n": typeof types.TrustedWatchDocument,
    "\n  mutation TrustedCreate($name: String!) { createPaymentServiceUser(input: { name: $name }) { paymentServiceUser { name } } }\n": typeof types.TrustedCreateDocument,
    "\n  subscription DrainedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": typeof types.DrainedAttemptDocument,
    "\n  query DrainedUsers {\n    paymentServiceUsers(first: 1) { nodes { name } }\n  }\n": typeof types.DrainedUsersDocument,
    "\n  subscription ManyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connectionId reason }\n  }\n": typeof types.ManyConnectionsDocument,
    "\n  subscription SseAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": typeof types.SseAttemptDocument,
    "\n  subscription LiveAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error paymentServiceUser { psuId } }\n  }\n": typeof types.LiveAttemptDocument,
    "\n  subscription LiveConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connectionId\n      at\n      reason\n      connection { status accounts { name } }\n    }\n  }\n": typeof types.LiveConnectionsDocument,
    "\n  subscription LiveTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n": typeof types.LiveTaskDocument,
    "\n  mutation LiveUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link }\n  }\n": typeof types.LiveUpdateLinkDocument,
    "\n  mutation LiveDeleteConnection($id: ID!) {\n    deleteConnection(input: { connectionId: $id }) { deletedId task { id taskId status } }\n  }\n": typeof types.LiveDeleteConnectionDocument,
    "\n  query LiveUser($id: ID!) {\n    paymentServiceUser(id: $id) { psuId name }\n  }\n": typeof types.LiveUserDocument,
    "\n  mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { psuId name } }\n  }\n": typeof types.LiveCreateUserDocument,
    "\n  subscription SocketAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": typeof types.SocketAttemptDocument,
    "\n  query CadencePeople {\n    paymentServiceUsers(first: 20) { nodes { psuId } }\n  }\n": typeof types.CadencePeopleDocument,
    "\n  subscription WatchAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n": typeof types.WatchAttemptDocument,
    "\n  subscription WatchConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { connectionId accounts { accountId } } }\n  }\n": typeof types.WatchConnectionsDocument,
    "\n  subscription WatchRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n": typeof types.WatchRawDocument,
    "\n  subscription WatchTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n": typeof types.WatchTaskDocument,
    "\n  subscription Aging($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { requiredAction isStale }\n    }\n  }\n": typeof types.AgingDocument,
    "\n  mutation TruthDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { task { id taskId } }\n  }\n": typeof types.TruthDeleteConnectionDocument,
    "\n  mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { task { id taskId } }\n  }\n": typeof types.TruthDeletePsuDocument,
    "\n  query TruthConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) {\n      connections { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n": typeof types.TruthConnectionsDocument,
    "\n  subscription FirstData($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      at\n      connectionId\n      connection {\n        requiredAction\n        dataUpdatedAt\n        isStale\n        accounts { id }\n        paymentServiceUser { accounts { id } }\n      }\n    }\n  }\n": typeof types.FirstDataDocument,
    "\n  subscription Kinds($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) { kind }\n  }\n": typeof types.KindsDocument,
    "\n  subscription LeakyAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": typeof types.LeakyAttemptDocument,
    "\n  subscription LeakyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { name } } }\n  }\n": typeof types.LeakyConnectionsDocument,
    "\n  subscription LoadedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n": typeof types.LoadedAttemptDocument,
    "\n  query WatchedAttempt($id: ID!) {\n    linkAttempt(id: $id) { status }\n  }\n": typeof types.WatchedAttemptDocument,
    "\n  query WatchedAttempts($psuId: ID!, $connectorId: ID!) {\n    paymentServiceUser(id: $psuId) { linkAttempts(connectorId: $connectorId, first: 10) { nodes { status } } }\n  }\n": typeof types.WatchedAttemptsDocument,
    "\n  query WatchedConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { status } }\n  }\n": typeof types.WatchedConnectionsDocument,
    "\n  query WatchedTask($id: ID!) {\n    task(id: $id) { status }\n  }\n": typeof types.WatchedTaskDocument,
    "\n  mutation WatchedCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id } }\n  }\n": typeof types.WatchedCreateLinkDocument,
    "\n  mutation WatchedUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id } }\n  }\n": typeof types.WatchedUpdateLinkDocument,
    "\n  mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId }\n  }\n": typeof types.WatchedDeleteConnectionDocument,
    "\n  mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId }\n  }\n": typeof types.WatchedDeletePsuDocument,
    "\n  mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId }\n  }\n": typeof types.WatchedDeletePsuConnectorDocument,
    "\n  subscription TruthTree($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { status accounts { name } paymentServiceUser { connections { status } } }\n    }\n  }\n": typeof types.TruthTreeDocument,
    "\n  mutation CreateReader($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { id psuId } }\n  }\n": typeof types.CreateReaderDocument,
    "\n  mutation ForwardReader($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { connector { name } }\n  }\n": typeof types.ForwardReaderDocument,
    "\n  mutation RemoveReader($psuId: ID!, $connectorId: ID!) {\n    deletePaymentServiceUserConnector(input: { psuId: $psuId, connectorId: $connectorId }) { task { id } }\n  }\n": typeof types.RemoveReaderDocument,
    "\n  mutation LinkReader($psuId: ID!, $connectorId: ID!) {\n    createLink(\n      input: { psuId: $psuId, connectorId: $connectorId, applicationName: \"A\", clientRedirectUrl: \"https://app.example.com/\" }\n    ) {\n      link\n      attempt { id }\n    }\n  }\n": typeof types.LinkReaderDocument,
    "\n  query ReaderBanks($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id accounts { id name } } }\n  }\n": typeof types.ReaderBanksDocument,
    "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  ": typeof types.CreateCompleteDocument,
    "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n": typeof types.UsersWithConnectionsDocument,
    "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n": typeof types.UsersWithAccountsDocument,
    "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n": typeof types.TreeDocument,
    "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n": typeof types.AllAccountsDocument,
    "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n": typeof types.NodesDocument,
    "\n  query AccountCursors($first: Int, $after: String, $filter: AccountFilter) {\n    accounts(first: $first, after: $after, filter: $filter) { edges { cursor } nodes { accountId } }\n  }\n": typeof types.AccountCursorsDocument,
    "\n  query FilteredAccounts($filter: AccountFilter) {\n    accounts(first: 100, filter: $filter) { nodes { key: accountId } pageInfo { hasNextPage } }\n  }\n": typeof types.FilteredAccountsDocument,
    "\n  query FilteredPayments($filter: PaymentFilter) {\n    payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n  }\n": typeof types.FilteredPaymentsDocument,
    "\n  query FilteredUsers($filter: PaymentServiceUserFilter) {\n    paymentServiceUsers(first: 100, filter: $filter) { nodes { key: psuId } pageInfo { hasNextPage } }\n  }\n": typeof types.FilteredUsersDocument,
    "\n  query FilteredConnectors($filter: ConnectorFilter) {\n    connectors(first: 100, filter: $filter) { nodes { key: connectorId } pageInfo { hasNextPage } }\n  }\n": typeof types.FilteredConnectorsDocument,
    "\n  query PaymentsOfUserAndAccount($psu: ID!, $account: ID!, $filter: PaymentFilter) {\n    paymentServiceUser(id: $psu) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n    account(id: $account) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n  }\n": typeof types.PaymentsOfUserAndAccountDocument,
    "\n  query AttemptsByStatus($psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      all: linkAttempts(connectorId: $connector) { nodes { id } }\n      pending: linkAttempts(connectorId: $connector, statuses: [PENDING]) { nodes { id } }\n      completed: linkAttempts(connectorId: $connector, statuses: [COMPLETED]) { nodes { id } }\n      exited: linkAttempts(connectorId: $connector, statuses: [EXITED]) { nodes { id } }\n    }\n  }\n": typeof types.AttemptsByStatusDocument,
    "\n  query EveryId($tink: ID!, $plaid: ID!, $powens: ID!) {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        id\n        connections { id }\n        tink: linkAttempts(connectorId: $tink, first: 100) { nodes { id } }\n        plaid: linkAttempts(connectorId: $plaid, first: 100) { nodes { id } }\n        powens: linkAttempts(connectorId: $powens, first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } }\n    payments(first: 100) { nodes { id } }\n  }\n": typeof types.EveryIdDocument,
    "\n  query NodesByIds($ids: [ID!]!) {\n    nodes(ids: $ids) { __typename id }\n  }\n": typeof types.NodesByIdsDocument,
    "\n  query NodeById($id: ID!) {\n    node(id: $id) { __typename id }\n  }\n": typeof types.NodeByIdDocument,
    "\n  mutation DeleteForTask($connection: ID!) {\n    deleteConnection(input: { connectionId: $connection }) { task { id } }\n  }\n": typeof types.DeleteForTaskDocument,
    "\n  query Mine($connector: ID!) {\n    viewer {\n      subject\n      paymentServiceUser {\n        id\n        connections { id accounts { id } paymentServiceUser { id } }\n        accounts { id paymentServiceUser { id } connection { id } balances { amount { decimal } } }\n        linkAttempts(connectorId: $connector) { nodes { id } }\n        payments(first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } pageInfo { hasNextPage } }\n    payments(first: 100) { nodes { id sourceAccount { id } paymentServiceUser { id } } pageInfo { hasNextPage } }\n  }\n": typeof types.MineDocument,
    "\n  query NodesForViewer($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n": typeof types.NodesForViewerDocument,
    "\n  query PageOfUsers($first: Int, $after: String) {\n    paymentServiceUsers(first: $first, after: $after) {\n      edges { cursor node { key: psuId } }\n      nodes { key: psuId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.PageOfUsersDocument,
    "\n  query PageOfAccounts($first: Int, $after: String) {\n    accounts(first: $first, after: $after) {\n      edges { cursor node { key: accountId } }\n      nodes { key: accountId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.PageOfAccountsDocument,
    "\n  query PageOfPayments($first: Int, $after: String) {\n    payments(first: $first, after: $after) {\n      edges { cursor node { key: paymentId } }\n      nodes { key: paymentId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.PageOfPaymentsDocument,
    "\n  query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: [PENDING], first: $first, after: $after) {\n        edges { cursor node { key: attemptId } }\n        nodes { key: attemptId }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n": typeof types.PageOfAttemptsDocument,
    "\n  query PageOfHistory($first: Int, $after: String, $account: ID!) {\n    account(id: $account) {\n      balanceHistory(first: $first, after: $after) {\n        edges { cursor node { key: createdAt } }\n        nodes { key: createdAt }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n": typeof types.PageOfHistoryDocument,
    "\n  query PageOfConnectors($first: Int, $after: String, $name: String) {\n    connectors(first: $first, after: $after, filter: { name: $name }) {\n      edges { cursor node { key: connectorId } }\n      nodes { key: connectorId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.PageOfConnectorsDocument,
    "\n    query TwoPages($after: String) {\n      head: accounts(first: 2) { nodes { accountId } }\n      rest: accounts(first: 3, after: $after) { nodes { accountId } }\n      payments(first: 1) { nodes { paymentId } }\n      none: payments(first: 1, filter: { statuses: [EXPIRED] }) { nodes { paymentId } }\n    }\n  ": typeof types.TwoPagesDocument,
    "\n  query BalancesOfAccounts {\n    accounts(first: 100) {\n      nodes { accountId balances { amount { asset amount } createdAt lastUpdatedAt account { accountId } } }\n    }\n  }\n": typeof types.BalancesOfAccountsDocument,
    "\n  query BalancesOfAccount($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { asset amount } createdAt lastUpdatedAt } }\n  }\n": typeof types.BalancesOfAccountDocument,
    "\n  query HistoryOfAccount($id: ID!, $asset: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {\n    account(id: $id) {\n      balanceHistory(asset: $asset, from: $from, to: $to, first: $first, after: $after) {\n        nodes { amount { asset amount } createdAt lastUpdatedAt account { accountId } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.HistoryOfAccountDocument,
    "\n  query WholeAccounts {\n    accounts(first: 100) {\n      nodes {\n        accountId reference name type provider defaultAsset createdAt metadata raw\n        connector { id name provider }\n        connection { id }\n        paymentServiceUser { id }\n      }\n    }\n  }\n": typeof types.WholeAccountsDocument,
    "\n  query ConnectionsOfUsers {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        psuId\n        accounts { accountId }\n        connections {\n          id connectionId status error createdAt updatedAt dataUpdatedAt metadata\n          paymentServiceUser { psuId }\n          connector { connectorId }\n          accounts { accountId }\n        }\n      }\n    }\n  }\n": typeof types.ConnectionsOfUsersDocument,
    "\n  query HealthOfConnection($id: ID!) {\n    connection(id: $id) { requiredAction consentExpiresAt isStale }\n  }\n": typeof types.HealthOfConnectionDocument,
    "\n  query HealthOfAttempt($id: ID!) {\n    linkAttempt(id: $id) { status isExpired }\n  }\n": typeof types.HealthOfAttemptDocument,
    "\n  mutation HealthUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id attemptId } }\n  }\n": typeof types.HealthUpdateLinkDocument,
    "\n  mutation HealthCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n": typeof types.HealthCreateLinkDocument,
    "\n  query ConnectorName($id: ID!) {\n    connector(id: $id) { name }\n  }\n": typeof types.ConnectorNameDocument,
    "\n  query ConnectorNames {\n    connectors { nodes { id name } }\n  }\n": typeof types.ConnectorNamesDocument,
    "\n  query LinkFields($filter: ConnectorFilter, $first: Int, $after: String) {\n    connectors(filter: $filter, first: $first, after: $after) {\n      nodes { name provider canLink needs capabilities isBeingRemoved }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.LinkFieldsDocument,
    "\n  mutation DeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId task { id taskId status error connector { id } } }\n  }\n": typeof types.DeletePsuDocument,
    "\n  mutation DeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId task { id status error connector { id } } }\n  }\n": typeof types.DeletePsuConnectorDocument,
    "\n  mutation DeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId task { id status error connector { id } } }\n  }\n": typeof types.DeleteConnectionDocument,
    "\n  query TaskById($id: ID!) {\n    task(id: $id) { id status error createdAt updatedAt }\n  }\n": typeof types.TaskByIdDocument,
    "\n  subscription FollowedTask($id: ID!) {\n    taskChanged(id: $id) { status }\n  }\n": typeof types.FollowedTaskDocument,
    "\n  query WhatIsLeft($psu: ID!, $connection: ID!, $account: ID!) {\n    paymentServiceUser(id: $psu) { connections { id } accounts { id } payments(first: 1) { nodes { id } } }\n    connection(id: $connection) { id }\n    account(id: $account) { id }\n  }\n": typeof types.WhatIsLeftDocument,
    "\n  query AttemptsOfAll($psu: ID!, $connector: ID, $statuses: [LinkAttemptStatus!], $first: Int, $after: String) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: $statuses, first: $first, after: $after) {\n        edges { cursor node { attemptId status } }\n        pageInfo { hasNextPage hasPreviousPage endCursor }\n      }\n    }\n  }\n": typeof types.AttemptsOfAllDocument,
    "\n  mutation CreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) {\n      link\n      attempt { id attemptId status error clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n": typeof types.CreateLinkDocument,
    "\n  mutation UpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) {\n      link\n      attempt { id attemptId status clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n": typeof types.UpdateLinkDocument,
    "\n  query AttemptById($id: ID!) {\n    linkAttempt(id: $id) { attemptId status error }\n  }\n": typeof types.AttemptByIdDocument,
    "\n  query ConnectionsAfterLink($psu: ID!) {\n    paymentServiceUser(id: $psu) { connections { status error connector { provider } } }\n  }\n": typeof types.ConnectionsAfterLinkDocument,
    "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n": typeof types.MoneyOfDocument,
    "\n  query FoundPayments($filter: PaymentFilter, $first: Int, $after: String) {\n    payments(filter: $filter, first: $first, after: $after) {\n      nodes { paymentId } pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.FoundPaymentsDocument,
    "\n  query PaymentInFull($id: ID!) {\n    payment(id: $id) {\n      type typeText status statusText scheme schemeText direction\n      amount { asset amount } initialAmount { asset amount decimal }\n      isPending description bookedOn valueOn occurredAt\n      counterparty { name logoUrl website } category { name detailed source }\n      adjustments { status statusText amount { asset amount } createdAt raw }\n    }\n  }\n": typeof types.PaymentInFullDocument,
    "\n  query PaymentsInFull($first: Int) {\n    payments(first: $first) {\n      nodes {\n        paymentId isPending description bookedOn valueOn occurredAt\n        counterparty { name } category { name } adjustments { id createdAt }\n      }\n    }\n  }\n": typeof types.PaymentsInFullDocument,
    "\n  query PlainPayments($first: Int) {\n    payments(first: $first) { nodes { paymentId type status scheme direction amount { amount } createdAt } }\n  }\n": typeof types.PlainPaymentsDocument,
    "\n  mutation RedirectCreate($input: CreateLinkInput!) { createLink(input: $input) { attempt { clientRedirectUrl } } }\n": typeof types.RedirectCreateDocument,
    "\n  mutation RedirectUpdate($input: UpdateLinkInput!) { updateLink(input: $input) { attempt { clientRedirectUrl } } }\n": typeof types.RedirectUpdateDocument,
    "\n  mutation LiveCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n": typeof types.LiveCreateLinkDocument,
    "\n  subscription StagedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error isExpired }\n  }\n": typeof types.StagedAttemptDocument,
    "\n  subscription StagedConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind connectionId at reason\n      connection { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n": typeof types.StagedConnectionsDocument,
    "\n  subscription StagedTask($id: ID!) {\n    taskChanged(id: $id) { taskId status error }\n  }\n": typeof types.StagedTaskDocument,
    "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n": typeof types.RawAccountDocument,
    "\n  query RawAndId($id: ID!) {\n    account(id: $id) { accountId raw }\n  }\n": typeof types.RawAndIdDocument,
    "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n": typeof types.ExactBalancesDocument,
    "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n": typeof types.ExactPaymentsDocument,
    "\n  query FailingAccount($id: ID!) {\n    account(id: $id) { name }\n  }\n": typeof types.FailingAccountDocument,
    "\n  mutation FailingLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link }\n  }\n": typeof types.FailingLinkDocument,
    "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n": typeof types.WholeListsDocument,
    "\n  query TwoUsers($failing: ID!, $other: ID!) {\n    failing: paymentServiceUser(id: $failing) { name connections { connectionId } }\n    other: paymentServiceUser(id: $other) { name connections { connectionId } }\n  }\n": typeof types.TwoUsersDocument,
    "\n  query AccountsWithConnection {\n    accounts(first: 100) { nodes { accountId connection { connectionId } } }\n  }\n": typeof types.AccountsWithConnectionDocument,
    "\n  query ConnectionNodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n": typeof types.ConnectionNodesDocument,
    "\n  query ConnectionIds($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id } }\n  }\n": typeof types.ConnectionIdsDocument,
    "\n  query TwoBalances($failing: ID!, $other: ID!) {\n    failing: account(id: $failing) { balances { amount { amount } } }\n    other: account(id: $other) { balances { amount { amount } } }\n  }\n": typeof types.TwoBalancesDocument,
    "\n  query FaultyRead($id: ID!) {\n    account(id: $id) { name }\n  }\n": typeof types.FaultyReadDocument,
    "\n  mutation FaultyCreate {\n    createPaymentServiceUser(input: { name: \"Nobody Else\" }) { __typename }\n  }\n": typeof types.FaultyCreateDocument,
    "\n  mutation FaultyForward($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { __typename }\n  }\n": typeof types.FaultyForwardDocument,
    "\n  mutation FaultyLink($psuId: ID!, $connectorId: ID!) {\n    createLink(input: { psuId: $psuId, connectorId: $connectorId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n": typeof types.FaultyLinkDocument,
    "\n  mutation FaultyUpdate($connectionId: ID!) {\n    updateLink(input: { connectionId: $connectionId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n": typeof types.FaultyUpdateDocument,
    "\n  mutation FaultyDisconnect($connectionId: ID!) {\n    deleteConnection(input: { connectionId: $connectionId }) { deletedId }\n  }\n": typeof types.FaultyDisconnectDocument,
    "\n  mutation FaultyDelete($psuId: ID!) {\n    deletePaymentServiceUser(input: { psuId: $psuId }) { deletedId }\n  }\n": typeof types.FaultyDeleteDocument,
};
const documents: Documents = {
    "\n  subscription WatchOwn($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind }\n  }\n": types.WatchOwnDocument,
    "\n  subscription SameConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId } } }\n  }\n": types.SameConnectionsDocument,
    "\n  subscription SameRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n": types.SameRawDocument,
    "\n  query TrustedViewer { viewer { subject } }\n": types.TrustedViewerDocument,
    "\n  subscription TrustedWatch($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }\n": types.TrustedWatchDocument,
    "\n  mutation TrustedCreate($name: String!) { createPaymentServiceUser(input: { name: $name }) { paymentServiceUser { name } } }\n": types.TrustedCreateDocument,
    "\n  subscription DrainedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": types.DrainedAttemptDocument,
    "\n  query DrainedUsers {\n    paymentServiceUsers(first: 1) { nodes { name } }\n  }\n": types.DrainedUsersDocument,
    "\n  subscription ManyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connectionId reason }\n  }\n": types.ManyConnectionsDocument,
    "\n  subscription SseAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": types.SseAttemptDocument,
    "\n  subscription LiveAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error paymentServiceUser { psuId } }\n  }\n": types.LiveAttemptDocument,
    "\n  subscription LiveConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connectionId\n      at\n      reason\n      connection { status accounts { name } }\n    }\n  }\n": types.LiveConnectionsDocument,
    "\n  subscription LiveTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n": types.LiveTaskDocument,
    "\n  mutation LiveUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link }\n  }\n": types.LiveUpdateLinkDocument,
    "\n  mutation LiveDeleteConnection($id: ID!) {\n    deleteConnection(input: { connectionId: $id }) { deletedId task { id taskId status } }\n  }\n": types.LiveDeleteConnectionDocument,
    "\n  query LiveUser($id: ID!) {\n    paymentServiceUser(id: $id) { psuId name }\n  }\n": types.LiveUserDocument,
    "\n  mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { psuId name } }\n  }\n": types.LiveCreateUserDocument,
    "\n  subscription SocketAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": types.SocketAttemptDocument,
    "\n  query CadencePeople {\n    paymentServiceUsers(first: 20) { nodes { psuId } }\n  }\n": types.CadencePeopleDocument,
    "\n  subscription WatchAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n": types.WatchAttemptDocument,
    "\n  subscription WatchConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { connectionId accounts { accountId } } }\n  }\n": types.WatchConnectionsDocument,
    "\n  subscription WatchRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n": types.WatchRawDocument,
    "\n  subscription WatchTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n": types.WatchTaskDocument,
    "\n  subscription Aging($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { requiredAction isStale }\n    }\n  }\n": types.AgingDocument,
    "\n  mutation TruthDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { task { id taskId } }\n  }\n": types.TruthDeleteConnectionDocument,
    "\n  mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { task { id taskId } }\n  }\n": types.TruthDeletePsuDocument,
    "\n  query TruthConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) {\n      connections { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n": types.TruthConnectionsDocument,
    "\n  subscription FirstData($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      at\n      connectionId\n      connection {\n        requiredAction\n        dataUpdatedAt\n        isStale\n        accounts { id }\n        paymentServiceUser { accounts { id } }\n      }\n    }\n  }\n": types.FirstDataDocument,
    "\n  subscription Kinds($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) { kind }\n  }\n": types.KindsDocument,
    "\n  subscription LeakyAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n": types.LeakyAttemptDocument,
    "\n  subscription LeakyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { name } } }\n  }\n": types.LeakyConnectionsDocument,
    "\n  subscription LoadedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n": types.LoadedAttemptDocument,
    "\n  query WatchedAttempt($id: ID!) {\n    linkAttempt(id: $id) { status }\n  }\n": types.WatchedAttemptDocument,
    "\n  query WatchedAttempts($psuId: ID!, $connectorId: ID!) {\n    paymentServiceUser(id: $psuId) { linkAttempts(connectorId: $connectorId, first: 10) { nodes { status } } }\n  }\n": types.WatchedAttemptsDocument,
    "\n  query WatchedConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { status } }\n  }\n": types.WatchedConnectionsDocument,
    "\n  query WatchedTask($id: ID!) {\n    task(id: $id) { status }\n  }\n": types.WatchedTaskDocument,
    "\n  mutation WatchedCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id } }\n  }\n": types.WatchedCreateLinkDocument,
    "\n  mutation WatchedUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id } }\n  }\n": types.WatchedUpdateLinkDocument,
    "\n  mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId }\n  }\n": types.WatchedDeleteConnectionDocument,
    "\n  mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId }\n  }\n": types.WatchedDeletePsuDocument,
    "\n  mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId }\n  }\n": types.WatchedDeletePsuConnectorDocument,
    "\n  subscription TruthTree($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { status accounts { name } paymentServiceUser { connections { status } } }\n    }\n  }\n": types.TruthTreeDocument,
    "\n  mutation CreateReader($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { id psuId } }\n  }\n": types.CreateReaderDocument,
    "\n  mutation ForwardReader($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { connector { name } }\n  }\n": types.ForwardReaderDocument,
    "\n  mutation RemoveReader($psuId: ID!, $connectorId: ID!) {\n    deletePaymentServiceUserConnector(input: { psuId: $psuId, connectorId: $connectorId }) { task { id } }\n  }\n": types.RemoveReaderDocument,
    "\n  mutation LinkReader($psuId: ID!, $connectorId: ID!) {\n    createLink(\n      input: { psuId: $psuId, connectorId: $connectorId, applicationName: \"A\", clientRedirectUrl: \"https://app.example.com/\" }\n    ) {\n      link\n      attempt { id }\n    }\n  }\n": types.LinkReaderDocument,
    "\n  query ReaderBanks($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id accounts { id name } } }\n  }\n": types.ReaderBanksDocument,
    "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  ": types.CreateCompleteDocument,
    "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n": types.UsersWithConnectionsDocument,
    "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n": types.UsersWithAccountsDocument,
    "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n": types.TreeDocument,
    "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n": types.AllAccountsDocument,
    "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n": types.NodesDocument,
    "\n  query AccountCursors($first: Int, $after: String, $filter: AccountFilter) {\n    accounts(first: $first, after: $after, filter: $filter) { edges { cursor } nodes { accountId } }\n  }\n": types.AccountCursorsDocument,
    "\n  query FilteredAccounts($filter: AccountFilter) {\n    accounts(first: 100, filter: $filter) { nodes { key: accountId } pageInfo { hasNextPage } }\n  }\n": types.FilteredAccountsDocument,
    "\n  query FilteredPayments($filter: PaymentFilter) {\n    payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n  }\n": types.FilteredPaymentsDocument,
    "\n  query FilteredUsers($filter: PaymentServiceUserFilter) {\n    paymentServiceUsers(first: 100, filter: $filter) { nodes { key: psuId } pageInfo { hasNextPage } }\n  }\n": types.FilteredUsersDocument,
    "\n  query FilteredConnectors($filter: ConnectorFilter) {\n    connectors(first: 100, filter: $filter) { nodes { key: connectorId } pageInfo { hasNextPage } }\n  }\n": types.FilteredConnectorsDocument,
    "\n  query PaymentsOfUserAndAccount($psu: ID!, $account: ID!, $filter: PaymentFilter) {\n    paymentServiceUser(id: $psu) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n    account(id: $account) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n  }\n": types.PaymentsOfUserAndAccountDocument,
    "\n  query AttemptsByStatus($psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      all: linkAttempts(connectorId: $connector) { nodes { id } }\n      pending: linkAttempts(connectorId: $connector, statuses: [PENDING]) { nodes { id } }\n      completed: linkAttempts(connectorId: $connector, statuses: [COMPLETED]) { nodes { id } }\n      exited: linkAttempts(connectorId: $connector, statuses: [EXITED]) { nodes { id } }\n    }\n  }\n": types.AttemptsByStatusDocument,
    "\n  query EveryId($tink: ID!, $plaid: ID!, $powens: ID!) {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        id\n        connections { id }\n        tink: linkAttempts(connectorId: $tink, first: 100) { nodes { id } }\n        plaid: linkAttempts(connectorId: $plaid, first: 100) { nodes { id } }\n        powens: linkAttempts(connectorId: $powens, first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } }\n    payments(first: 100) { nodes { id } }\n  }\n": types.EveryIdDocument,
    "\n  query NodesByIds($ids: [ID!]!) {\n    nodes(ids: $ids) { __typename id }\n  }\n": types.NodesByIdsDocument,
    "\n  query NodeById($id: ID!) {\n    node(id: $id) { __typename id }\n  }\n": types.NodeByIdDocument,
    "\n  mutation DeleteForTask($connection: ID!) {\n    deleteConnection(input: { connectionId: $connection }) { task { id } }\n  }\n": types.DeleteForTaskDocument,
    "\n  query Mine($connector: ID!) {\n    viewer {\n      subject\n      paymentServiceUser {\n        id\n        connections { id accounts { id } paymentServiceUser { id } }\n        accounts { id paymentServiceUser { id } connection { id } balances { amount { decimal } } }\n        linkAttempts(connectorId: $connector) { nodes { id } }\n        payments(first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } pageInfo { hasNextPage } }\n    payments(first: 100) { nodes { id sourceAccount { id } paymentServiceUser { id } } pageInfo { hasNextPage } }\n  }\n": types.MineDocument,
    "\n  query NodesForViewer($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n": types.NodesForViewerDocument,
    "\n  query PageOfUsers($first: Int, $after: String) {\n    paymentServiceUsers(first: $first, after: $after) {\n      edges { cursor node { key: psuId } }\n      nodes { key: psuId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.PageOfUsersDocument,
    "\n  query PageOfAccounts($first: Int, $after: String) {\n    accounts(first: $first, after: $after) {\n      edges { cursor node { key: accountId } }\n      nodes { key: accountId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.PageOfAccountsDocument,
    "\n  query PageOfPayments($first: Int, $after: String) {\n    payments(first: $first, after: $after) {\n      edges { cursor node { key: paymentId } }\n      nodes { key: paymentId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.PageOfPaymentsDocument,
    "\n  query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: [PENDING], first: $first, after: $after) {\n        edges { cursor node { key: attemptId } }\n        nodes { key: attemptId }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n": types.PageOfAttemptsDocument,
    "\n  query PageOfHistory($first: Int, $after: String, $account: ID!) {\n    account(id: $account) {\n      balanceHistory(first: $first, after: $after) {\n        edges { cursor node { key: createdAt } }\n        nodes { key: createdAt }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n": types.PageOfHistoryDocument,
    "\n  query PageOfConnectors($first: Int, $after: String, $name: String) {\n    connectors(first: $first, after: $after, filter: { name: $name }) {\n      edges { cursor node { key: connectorId } }\n      nodes { key: connectorId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.PageOfConnectorsDocument,
    "\n    query TwoPages($after: String) {\n      head: accounts(first: 2) { nodes { accountId } }\n      rest: accounts(first: 3, after: $after) { nodes { accountId } }\n      payments(first: 1) { nodes { paymentId } }\n      none: payments(first: 1, filter: { statuses: [EXPIRED] }) { nodes { paymentId } }\n    }\n  ": types.TwoPagesDocument,
    "\n  query BalancesOfAccounts {\n    accounts(first: 100) {\n      nodes { accountId balances { amount { asset amount } createdAt lastUpdatedAt account { accountId } } }\n    }\n  }\n": types.BalancesOfAccountsDocument,
    "\n  query BalancesOfAccount($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { asset amount } createdAt lastUpdatedAt } }\n  }\n": types.BalancesOfAccountDocument,
    "\n  query HistoryOfAccount($id: ID!, $asset: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {\n    account(id: $id) {\n      balanceHistory(asset: $asset, from: $from, to: $to, first: $first, after: $after) {\n        nodes { amount { asset amount } createdAt lastUpdatedAt account { accountId } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.HistoryOfAccountDocument,
    "\n  query WholeAccounts {\n    accounts(first: 100) {\n      nodes {\n        accountId reference name type provider defaultAsset createdAt metadata raw\n        connector { id name provider }\n        connection { id }\n        paymentServiceUser { id }\n      }\n    }\n  }\n": types.WholeAccountsDocument,
    "\n  query ConnectionsOfUsers {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        psuId\n        accounts { accountId }\n        connections {\n          id connectionId status error createdAt updatedAt dataUpdatedAt metadata\n          paymentServiceUser { psuId }\n          connector { connectorId }\n          accounts { accountId }\n        }\n      }\n    }\n  }\n": types.ConnectionsOfUsersDocument,
    "\n  query HealthOfConnection($id: ID!) {\n    connection(id: $id) { requiredAction consentExpiresAt isStale }\n  }\n": types.HealthOfConnectionDocument,
    "\n  query HealthOfAttempt($id: ID!) {\n    linkAttempt(id: $id) { status isExpired }\n  }\n": types.HealthOfAttemptDocument,
    "\n  mutation HealthUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id attemptId } }\n  }\n": types.HealthUpdateLinkDocument,
    "\n  mutation HealthCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n": types.HealthCreateLinkDocument,
    "\n  query ConnectorName($id: ID!) {\n    connector(id: $id) { name }\n  }\n": types.ConnectorNameDocument,
    "\n  query ConnectorNames {\n    connectors { nodes { id name } }\n  }\n": types.ConnectorNamesDocument,
    "\n  query LinkFields($filter: ConnectorFilter, $first: Int, $after: String) {\n    connectors(filter: $filter, first: $first, after: $after) {\n      nodes { name provider canLink needs capabilities isBeingRemoved }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.LinkFieldsDocument,
    "\n  mutation DeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId task { id taskId status error connector { id } } }\n  }\n": types.DeletePsuDocument,
    "\n  mutation DeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId task { id status error connector { id } } }\n  }\n": types.DeletePsuConnectorDocument,
    "\n  mutation DeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId task { id status error connector { id } } }\n  }\n": types.DeleteConnectionDocument,
    "\n  query TaskById($id: ID!) {\n    task(id: $id) { id status error createdAt updatedAt }\n  }\n": types.TaskByIdDocument,
    "\n  subscription FollowedTask($id: ID!) {\n    taskChanged(id: $id) { status }\n  }\n": types.FollowedTaskDocument,
    "\n  query WhatIsLeft($psu: ID!, $connection: ID!, $account: ID!) {\n    paymentServiceUser(id: $psu) { connections { id } accounts { id } payments(first: 1) { nodes { id } } }\n    connection(id: $connection) { id }\n    account(id: $account) { id }\n  }\n": types.WhatIsLeftDocument,
    "\n  query AttemptsOfAll($psu: ID!, $connector: ID, $statuses: [LinkAttemptStatus!], $first: Int, $after: String) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: $statuses, first: $first, after: $after) {\n        edges { cursor node { attemptId status } }\n        pageInfo { hasNextPage hasPreviousPage endCursor }\n      }\n    }\n  }\n": types.AttemptsOfAllDocument,
    "\n  mutation CreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) {\n      link\n      attempt { id attemptId status error clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n": types.CreateLinkDocument,
    "\n  mutation UpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) {\n      link\n      attempt { id attemptId status clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n": types.UpdateLinkDocument,
    "\n  query AttemptById($id: ID!) {\n    linkAttempt(id: $id) { attemptId status error }\n  }\n": types.AttemptByIdDocument,
    "\n  query ConnectionsAfterLink($psu: ID!) {\n    paymentServiceUser(id: $psu) { connections { status error connector { provider } } }\n  }\n": types.ConnectionsAfterLinkDocument,
    "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n": types.MoneyOfDocument,
    "\n  query FoundPayments($filter: PaymentFilter, $first: Int, $after: String) {\n    payments(filter: $filter, first: $first, after: $after) {\n      nodes { paymentId } pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.FoundPaymentsDocument,
    "\n  query PaymentInFull($id: ID!) {\n    payment(id: $id) {\n      type typeText status statusText scheme schemeText direction\n      amount { asset amount } initialAmount { asset amount decimal }\n      isPending description bookedOn valueOn occurredAt\n      counterparty { name logoUrl website } category { name detailed source }\n      adjustments { status statusText amount { asset amount } createdAt raw }\n    }\n  }\n": types.PaymentInFullDocument,
    "\n  query PaymentsInFull($first: Int) {\n    payments(first: $first) {\n      nodes {\n        paymentId isPending description bookedOn valueOn occurredAt\n        counterparty { name } category { name } adjustments { id createdAt }\n      }\n    }\n  }\n": types.PaymentsInFullDocument,
    "\n  query PlainPayments($first: Int) {\n    payments(first: $first) { nodes { paymentId type status scheme direction amount { amount } createdAt } }\n  }\n": types.PlainPaymentsDocument,
    "\n  mutation RedirectCreate($input: CreateLinkInput!) { createLink(input: $input) { attempt { clientRedirectUrl } } }\n": types.RedirectCreateDocument,
    "\n  mutation RedirectUpdate($input: UpdateLinkInput!) { updateLink(input: $input) { attempt { clientRedirectUrl } } }\n": types.RedirectUpdateDocument,
    "\n  mutation LiveCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n": types.LiveCreateLinkDocument,
    "\n  subscription StagedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error isExpired }\n  }\n": types.StagedAttemptDocument,
    "\n  subscription StagedConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind connectionId at reason\n      connection { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n": types.StagedConnectionsDocument,
    "\n  subscription StagedTask($id: ID!) {\n    taskChanged(id: $id) { taskId status error }\n  }\n": types.StagedTaskDocument,
    "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n": types.RawAccountDocument,
    "\n  query RawAndId($id: ID!) {\n    account(id: $id) { accountId raw }\n  }\n": types.RawAndIdDocument,
    "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n": types.ExactBalancesDocument,
    "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n": types.ExactPaymentsDocument,
    "\n  query FailingAccount($id: ID!) {\n    account(id: $id) { name }\n  }\n": types.FailingAccountDocument,
    "\n  mutation FailingLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link }\n  }\n": types.FailingLinkDocument,
    "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n": types.WholeListsDocument,
    "\n  query TwoUsers($failing: ID!, $other: ID!) {\n    failing: paymentServiceUser(id: $failing) { name connections { connectionId } }\n    other: paymentServiceUser(id: $other) { name connections { connectionId } }\n  }\n": types.TwoUsersDocument,
    "\n  query AccountsWithConnection {\n    accounts(first: 100) { nodes { accountId connection { connectionId } } }\n  }\n": types.AccountsWithConnectionDocument,
    "\n  query ConnectionNodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n": types.ConnectionNodesDocument,
    "\n  query ConnectionIds($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id } }\n  }\n": types.ConnectionIdsDocument,
    "\n  query TwoBalances($failing: ID!, $other: ID!) {\n    failing: account(id: $failing) { balances { amount { amount } } }\n    other: account(id: $other) { balances { amount { amount } } }\n  }\n": types.TwoBalancesDocument,
    "\n  query FaultyRead($id: ID!) {\n    account(id: $id) { name }\n  }\n": types.FaultyReadDocument,
    "\n  mutation FaultyCreate {\n    createPaymentServiceUser(input: { name: \"Nobody Else\" }) { __typename }\n  }\n": types.FaultyCreateDocument,
    "\n  mutation FaultyForward($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { __typename }\n  }\n": types.FaultyForwardDocument,
    "\n  mutation FaultyLink($psuId: ID!, $connectorId: ID!) {\n    createLink(input: { psuId: $psuId, connectorId: $connectorId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n": types.FaultyLinkDocument,
    "\n  mutation FaultyUpdate($connectionId: ID!) {\n    updateLink(input: { connectionId: $connectionId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n": types.FaultyUpdateDocument,
    "\n  mutation FaultyDisconnect($connectionId: ID!) {\n    deleteConnection(input: { connectionId: $connectionId }) { deletedId }\n  }\n": types.FaultyDisconnectDocument,
    "\n  mutation FaultyDelete($psuId: ID!) {\n    deletePaymentServiceUser(input: { psuId: $psuId }) { deletedId }\n  }\n": types.FaultyDeleteDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchOwn($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind }\n  }\n"): typeof import('./graphql.ts').WatchOwnDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription SameConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId } } }\n  }\n"): typeof import('./graphql.ts').SameConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription SameRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n"): typeof import('./graphql.ts').SameRawDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TrustedViewer { viewer { subject } }\n"): typeof import('./graphql.ts').TrustedViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TrustedWatch($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }\n"): typeof import('./graphql.ts').TrustedWatchDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TrustedCreate($name: String!) { createPaymentServiceUser(input: { name: $name }) { paymentServiceUser { name } } }\n"): typeof import('./graphql.ts').TrustedCreateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription DrainedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').DrainedAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DrainedUsers {\n    paymentServiceUsers(first: 1) { nodes { name } }\n  }\n"): typeof import('./graphql.ts').DrainedUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ManyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connectionId reason }\n  }\n"): typeof import('./graphql.ts').ManyConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription SseAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').SseAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error paymentServiceUser { psuId } }\n  }\n"): typeof import('./graphql.ts').LiveAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connectionId\n      at\n      reason\n      connection { status accounts { name } }\n    }\n  }\n"): typeof import('./graphql.ts').LiveConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n"): typeof import('./graphql.ts').LiveTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LiveUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link }\n  }\n"): typeof import('./graphql.ts').LiveUpdateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LiveDeleteConnection($id: ID!) {\n    deleteConnection(input: { connectionId: $id }) { deletedId task { id taskId status } }\n  }\n"): typeof import('./graphql.ts').LiveDeleteConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LiveUser($id: ID!) {\n    paymentServiceUser(id: $id) { psuId name }\n  }\n"): typeof import('./graphql.ts').LiveUserDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { psuId name } }\n  }\n"): typeof import('./graphql.ts').LiveCreateUserDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription SocketAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').SocketAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CadencePeople {\n    paymentServiceUsers(first: 20) { nodes { psuId } }\n  }\n"): typeof import('./graphql.ts').CadencePeopleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n"): typeof import('./graphql.ts').WatchAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { connectionId accounts { accountId } } }\n  }\n"): typeof import('./graphql.ts').WatchConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchRaw($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }\n  }\n"): typeof import('./graphql.ts').WatchRawDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchTask($id: ID!) {\n    taskChanged(id: $id) { taskId status }\n  }\n"): typeof import('./graphql.ts').WatchTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Aging($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { requiredAction isStale }\n    }\n  }\n"): typeof import('./graphql.ts').AgingDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TruthDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { task { id taskId } }\n  }\n"): typeof import('./graphql.ts').TruthDeleteConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { task { id taskId } }\n  }\n"): typeof import('./graphql.ts').TruthDeletePsuDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TruthConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) {\n      connections { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n"): typeof import('./graphql.ts').TruthConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FirstData($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      at\n      connectionId\n      connection {\n        requiredAction\n        dataUpdatedAt\n        isStale\n        accounts { id }\n        paymentServiceUser { accounts { id } }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').FirstDataDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Kinds($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) { kind }\n  }\n"): typeof import('./graphql.ts').KindsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LeakyAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').LeakyAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LeakyConnections($psuId: ID!) {\n    connectionChanged(psuId: $psuId) { kind connection { accounts { name } } }\n  }\n"): typeof import('./graphql.ts').LeakyConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LoadedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status }\n  }\n"): typeof import('./graphql.ts').LoadedAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WatchedAttempt($id: ID!) {\n    linkAttempt(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').WatchedAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WatchedAttempts($psuId: ID!, $connectorId: ID!) {\n    paymentServiceUser(id: $psuId) { linkAttempts(connectorId: $connectorId, first: 10) { nodes { status } } }\n  }\n"): typeof import('./graphql.ts').WatchedAttemptsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WatchedConnections($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { status } }\n  }\n"): typeof import('./graphql.ts').WatchedConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WatchedTask($id: ID!) {\n    task(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').WatchedTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation WatchedCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id } }\n  }\n"): typeof import('./graphql.ts').WatchedCreateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation WatchedUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id } }\n  }\n"): typeof import('./graphql.ts').WatchedUpdateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId }\n  }\n"): typeof import('./graphql.ts').WatchedDeleteConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId }\n  }\n"): typeof import('./graphql.ts').WatchedDeletePsuDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId }\n  }\n"): typeof import('./graphql.ts').WatchedDeletePsuConnectorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TruthTree($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind\n      connection { status accounts { name } paymentServiceUser { connections { status } } }\n    }\n  }\n"): typeof import('./graphql.ts').TruthTreeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateReader($input: CreatePaymentServiceUserInput!) {\n    createPaymentServiceUser(input: $input) { paymentServiceUser { id psuId } }\n  }\n"): typeof import('./graphql.ts').CreateReaderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ForwardReader($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { connector { name } }\n  }\n"): typeof import('./graphql.ts').ForwardReaderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveReader($psuId: ID!, $connectorId: ID!) {\n    deletePaymentServiceUserConnector(input: { psuId: $psuId, connectorId: $connectorId }) { task { id } }\n  }\n"): typeof import('./graphql.ts').RemoveReaderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LinkReader($psuId: ID!, $connectorId: ID!) {\n    createLink(\n      input: { psuId: $psuId, connectorId: $connectorId, applicationName: \"A\", clientRedirectUrl: \"https://app.example.com/\" }\n    ) {\n      link\n      attempt { id }\n    }\n  }\n"): typeof import('./graphql.ts').LinkReaderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReaderBanks($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id accounts { id name } } }\n  }\n"): typeof import('./graphql.ts').ReaderBanksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  "): typeof import('./graphql.ts').CreateCompleteDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n"): typeof import('./graphql.ts').UsersWithConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n"): typeof import('./graphql.ts').UsersWithAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').TreeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n"): typeof import('./graphql.ts').AllAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n"): typeof import('./graphql.ts').NodesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccountCursors($first: Int, $after: String, $filter: AccountFilter) {\n    accounts(first: $first, after: $after, filter: $filter) { edges { cursor } nodes { accountId } }\n  }\n"): typeof import('./graphql.ts').AccountCursorsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilteredAccounts($filter: AccountFilter) {\n    accounts(first: 100, filter: $filter) { nodes { key: accountId } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').FilteredAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilteredPayments($filter: PaymentFilter) {\n    payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').FilteredPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilteredUsers($filter: PaymentServiceUserFilter) {\n    paymentServiceUsers(first: 100, filter: $filter) { nodes { key: psuId } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').FilteredUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilteredConnectors($filter: ConnectorFilter) {\n    connectors(first: 100, filter: $filter) { nodes { key: connectorId } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').FilteredConnectorsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PaymentsOfUserAndAccount($psu: ID!, $account: ID!, $filter: PaymentFilter) {\n    paymentServiceUser(id: $psu) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n    account(id: $account) {\n      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }\n    }\n  }\n"): typeof import('./graphql.ts').PaymentsOfUserAndAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AttemptsByStatus($psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      all: linkAttempts(connectorId: $connector) { nodes { id } }\n      pending: linkAttempts(connectorId: $connector, statuses: [PENDING]) { nodes { id } }\n      completed: linkAttempts(connectorId: $connector, statuses: [COMPLETED]) { nodes { id } }\n      exited: linkAttempts(connectorId: $connector, statuses: [EXITED]) { nodes { id } }\n    }\n  }\n"): typeof import('./graphql.ts').AttemptsByStatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EveryId($tink: ID!, $plaid: ID!, $powens: ID!) {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        id\n        connections { id }\n        tink: linkAttempts(connectorId: $tink, first: 100) { nodes { id } }\n        plaid: linkAttempts(connectorId: $plaid, first: 100) { nodes { id } }\n        powens: linkAttempts(connectorId: $powens, first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } }\n    payments(first: 100) { nodes { id } }\n  }\n"): typeof import('./graphql.ts').EveryIdDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NodesByIds($ids: [ID!]!) {\n    nodes(ids: $ids) { __typename id }\n  }\n"): typeof import('./graphql.ts').NodesByIdsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NodeById($id: ID!) {\n    node(id: $id) { __typename id }\n  }\n"): typeof import('./graphql.ts').NodeByIdDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteForTask($connection: ID!) {\n    deleteConnection(input: { connectionId: $connection }) { task { id } }\n  }\n"): typeof import('./graphql.ts').DeleteForTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Mine($connector: ID!) {\n    viewer {\n      subject\n      paymentServiceUser {\n        id\n        connections { id accounts { id } paymentServiceUser { id } }\n        accounts { id paymentServiceUser { id } connection { id } balances { amount { decimal } } }\n        linkAttempts(connectorId: $connector) { nodes { id } }\n        payments(first: 100) { nodes { id } }\n      }\n    }\n    connectors { nodes { id } }\n    accounts(first: 100) { nodes { id } pageInfo { hasNextPage } }\n    payments(first: 100) { nodes { id sourceAccount { id } paymentServiceUser { id } } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').MineDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NodesForViewer($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n"): typeof import('./graphql.ts').NodesForViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfUsers($first: Int, $after: String) {\n    paymentServiceUsers(first: $first, after: $after) {\n      edges { cursor node { key: psuId } }\n      nodes { key: psuId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfAccounts($first: Int, $after: String) {\n    accounts(first: $first, after: $after) {\n      edges { cursor node { key: accountId } }\n      nodes { key: accountId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfPayments($first: Int, $after: String) {\n    payments(first: $first, after: $after) {\n      edges { cursor node { key: paymentId } }\n      nodes { key: paymentId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: [PENDING], first: $first, after: $after) {\n        edges { cursor node { key: attemptId } }\n        nodes { key: attemptId }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfAttemptsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfHistory($first: Int, $after: String, $account: ID!) {\n    account(id: $account) {\n      balanceHistory(first: $first, after: $after) {\n        edges { cursor node { key: createdAt } }\n        nodes { key: createdAt }\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfConnectors($first: Int, $after: String, $name: String) {\n    connectors(first: $first, after: $after, filter: { name: $name }) {\n      edges { cursor node { key: connectorId } }\n      nodes { key: connectorId }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfConnectorsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query TwoPages($after: String) {\n      head: accounts(first: 2) { nodes { accountId } }\n      rest: accounts(first: 3, after: $after) { nodes { accountId } }\n      payments(first: 1) { nodes { paymentId } }\n      none: payments(first: 1, filter: { statuses: [EXPIRED] }) { nodes { paymentId } }\n    }\n  "): typeof import('./graphql.ts').TwoPagesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BalancesOfAccounts {\n    accounts(first: 100) {\n      nodes { accountId balances { amount { asset amount } createdAt lastUpdatedAt account { accountId } } }\n    }\n  }\n"): typeof import('./graphql.ts').BalancesOfAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BalancesOfAccount($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { asset amount } createdAt lastUpdatedAt } }\n  }\n"): typeof import('./graphql.ts').BalancesOfAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HistoryOfAccount($id: ID!, $asset: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {\n    account(id: $id) {\n      balanceHistory(asset: $asset, from: $from, to: $to, first: $first, after: $after) {\n        nodes { amount { asset amount } createdAt lastUpdatedAt account { accountId } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').HistoryOfAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WholeAccounts {\n    accounts(first: 100) {\n      nodes {\n        accountId reference name type provider defaultAsset createdAt metadata raw\n        connector { id name provider }\n        connection { id }\n        paymentServiceUser { id }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').WholeAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectionsOfUsers {\n    paymentServiceUsers(first: 100) {\n      nodes {\n        psuId\n        accounts { accountId }\n        connections {\n          id connectionId status error createdAt updatedAt dataUpdatedAt metadata\n          paymentServiceUser { psuId }\n          connector { connectorId }\n          accounts { accountId }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ConnectionsOfUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HealthOfConnection($id: ID!) {\n    connection(id: $id) { requiredAction consentExpiresAt isStale }\n  }\n"): typeof import('./graphql.ts').HealthOfConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HealthOfAttempt($id: ID!) {\n    linkAttempt(id: $id) { status isExpired }\n  }\n"): typeof import('./graphql.ts').HealthOfAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation HealthUpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) { link attempt { id attemptId } }\n  }\n"): typeof import('./graphql.ts').HealthUpdateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation HealthCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n"): typeof import('./graphql.ts').HealthCreateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectorName($id: ID!) {\n    connector(id: $id) { name }\n  }\n"): typeof import('./graphql.ts').ConnectorNameDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectorNames {\n    connectors { nodes { id name } }\n  }\n"): typeof import('./graphql.ts').ConnectorNamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LinkFields($filter: ConnectorFilter, $first: Int, $after: String) {\n    connectors(filter: $filter, first: $first, after: $after) {\n      nodes { name provider canLink needs capabilities isBeingRemoved }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').LinkFieldsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeletePsu($input: DeletePaymentServiceUserInput!) {\n    deletePaymentServiceUser(input: $input) { deletedId task { id taskId status error connector { id } } }\n  }\n"): typeof import('./graphql.ts').DeletePsuDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {\n    deletePaymentServiceUserConnector(input: $input) { deletedId task { id status error connector { id } } }\n  }\n"): typeof import('./graphql.ts').DeletePsuConnectorDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteConnection($input: DeleteConnectionInput!) {\n    deleteConnection(input: $input) { deletedId task { id status error connector { id } } }\n  }\n"): typeof import('./graphql.ts').DeleteConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TaskById($id: ID!) {\n    task(id: $id) { id status error createdAt updatedAt }\n  }\n"): typeof import('./graphql.ts').TaskByIdDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowedTask($id: ID!) {\n    taskChanged(id: $id) { status }\n  }\n"): typeof import('./graphql.ts').FollowedTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WhatIsLeft($psu: ID!, $connection: ID!, $account: ID!) {\n    paymentServiceUser(id: $psu) { connections { id } accounts { id } payments(first: 1) { nodes { id } } }\n    connection(id: $connection) { id }\n    account(id: $account) { id }\n  }\n"): typeof import('./graphql.ts').WhatIsLeftDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AttemptsOfAll($psu: ID!, $connector: ID, $statuses: [LinkAttemptStatus!], $first: Int, $after: String) {\n    paymentServiceUser(id: $psu) {\n      linkAttempts(connectorId: $connector, statuses: $statuses, first: $first, after: $after) {\n        edges { cursor node { attemptId status } }\n        pageInfo { hasNextPage hasPreviousPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').AttemptsOfAllDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) {\n      link\n      attempt { id attemptId status error clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n"): typeof import('./graphql.ts').CreateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateLink($input: UpdateLinkInput!) {\n    updateLink(input: $input) {\n      link\n      attempt { id attemptId status clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }\n    }\n  }\n"): typeof import('./graphql.ts').UpdateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AttemptById($id: ID!) {\n    linkAttempt(id: $id) { attemptId status error }\n  }\n"): typeof import('./graphql.ts').AttemptByIdDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectionsAfterLink($psu: ID!) {\n    paymentServiceUser(id: $psu) { connections { status error connector { provider } } }\n  }\n"): typeof import('./graphql.ts').ConnectionsAfterLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').MoneyOfDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FoundPayments($filter: PaymentFilter, $first: Int, $after: String) {\n    payments(filter: $filter, first: $first, after: $after) {\n      nodes { paymentId } pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').FoundPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PaymentInFull($id: ID!) {\n    payment(id: $id) {\n      type typeText status statusText scheme schemeText direction\n      amount { asset amount } initialAmount { asset amount decimal }\n      isPending description bookedOn valueOn occurredAt\n      counterparty { name logoUrl website } category { name detailed source }\n      adjustments { status statusText amount { asset amount } createdAt raw }\n    }\n  }\n"): typeof import('./graphql.ts').PaymentInFullDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PaymentsInFull($first: Int) {\n    payments(first: $first) {\n      nodes {\n        paymentId isPending description bookedOn valueOn occurredAt\n        counterparty { name } category { name } adjustments { id createdAt }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PaymentsInFullDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PlainPayments($first: Int) {\n    payments(first: $first) { nodes { paymentId type status scheme direction amount { amount } createdAt } }\n  }\n"): typeof import('./graphql.ts').PlainPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RedirectCreate($input: CreateLinkInput!) { createLink(input: $input) { attempt { clientRedirectUrl } } }\n"): typeof import('./graphql.ts').RedirectCreateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RedirectUpdate($input: UpdateLinkInput!) { updateLink(input: $input) { attempt { clientRedirectUrl } } }\n"): typeof import('./graphql.ts').RedirectUpdateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LiveCreateLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link attempt { id attemptId } }\n  }\n"): typeof import('./graphql.ts').LiveCreateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription StagedAttempt($id: ID!) {\n    linkAttemptChanged(id: $id) { attemptId status error isExpired }\n  }\n"): typeof import('./graphql.ts').StagedAttemptDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription StagedConnections($psuId: ID!, $connectorId: ID) {\n    connectionChanged(psuId: $psuId, connectorId: $connectorId) {\n      kind connectionId at reason\n      connection { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }\n    }\n  }\n"): typeof import('./graphql.ts').StagedConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription StagedTask($id: ID!) {\n    taskChanged(id: $id) { taskId status error }\n  }\n"): typeof import('./graphql.ts').StagedTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n"): typeof import('./graphql.ts').RawAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RawAndId($id: ID!) {\n    account(id: $id) { accountId raw }\n  }\n"): typeof import('./graphql.ts').RawAndIdDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n"): typeof import('./graphql.ts').ExactBalancesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n"): typeof import('./graphql.ts').ExactPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FailingAccount($id: ID!) {\n    account(id: $id) { name }\n  }\n"): typeof import('./graphql.ts').FailingAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FailingLink($input: CreateLinkInput!) {\n    createLink(input: $input) { link }\n  }\n"): typeof import('./graphql.ts').FailingLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n"): typeof import('./graphql.ts').WholeListsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TwoUsers($failing: ID!, $other: ID!) {\n    failing: paymentServiceUser(id: $failing) { name connections { connectionId } }\n    other: paymentServiceUser(id: $other) { name connections { connectionId } }\n  }\n"): typeof import('./graphql.ts').TwoUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccountsWithConnection {\n    accounts(first: 100) { nodes { accountId connection { connectionId } } }\n  }\n"): typeof import('./graphql.ts').AccountsWithConnectionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectionNodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id }\n  }\n"): typeof import('./graphql.ts').ConnectionNodesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConnectionIds($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { connections { id } }\n  }\n"): typeof import('./graphql.ts').ConnectionIdsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TwoBalances($failing: ID!, $other: ID!) {\n    failing: account(id: $failing) { balances { amount { amount } } }\n    other: account(id: $other) { balances { amount { amount } } }\n  }\n"): typeof import('./graphql.ts').TwoBalancesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FaultyRead($id: ID!) {\n    account(id: $id) { name }\n  }\n"): typeof import('./graphql.ts').FaultyReadDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyCreate {\n    createPaymentServiceUser(input: { name: \"Nobody Else\" }) { __typename }\n  }\n"): typeof import('./graphql.ts').FaultyCreateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyForward($psuId: ID!, $connectorId: ID!) {\n    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { __typename }\n  }\n"): typeof import('./graphql.ts').FaultyForwardDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyLink($psuId: ID!, $connectorId: ID!) {\n    createLink(input: { psuId: $psuId, connectorId: $connectorId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n"): typeof import('./graphql.ts').FaultyLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyUpdate($connectionId: ID!) {\n    updateLink(input: { connectionId: $connectionId, clientRedirectUrl: \"https://app.example.com\", applicationName: \"Test\" }) { link }\n  }\n"): typeof import('./graphql.ts').FaultyUpdateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyDisconnect($connectionId: ID!) {\n    deleteConnection(input: { connectionId: $connectionId }) { deletedId }\n  }\n"): typeof import('./graphql.ts').FaultyDisconnectDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FaultyDelete($psuId: ID!) {\n    deletePaymentServiceUser(input: { psuId: $psuId }) { deletedId }\n  }\n"): typeof import('./graphql.ts').FaultyDeleteDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
