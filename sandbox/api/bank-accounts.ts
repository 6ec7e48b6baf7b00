/** Routes of bank accounts, and of those of a payment service user. */
import { z } from "zod";
import { invalid, notFound } from "../http/api-error.ts";
import { faultOfEncodedId } from "../http/formats.ts";
import { optionalText, readJsonBody } from "../http/request-body.ts";
import { empty, json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import {
  bankAccountColumns,
  readBankAccountBody,
  toListedBankAccount,
  toWireBankAccount,
} from "../models/bank-account.ts";
import type { World } from "../world.ts";
import { type Routes, userPath } from "./rest-request.ts";

const forwardBody = z.object({ connectorID: optionalText });

export function addBankAccountRoutes({ on }: Routes, { bankAccounts }: World): void {
  on("POST", "/bank-accounts", ({ body }) => json(201, { data: bankAccounts.create(readBankAccountBody(body)).id }));

  on("GET", "/bank-accounts", (call) =>
    json(200, listPage("bank accounts", bankAccounts.all, bankAccountColumns, call, toListedBankAccount)),
  );

  on("GET", "/bank-accounts/:bankAccount", (call) => {
    const row = bankAccounts.get(call.uuid("bankAccount"));
    if (row === undefined) throw notFound("cannot get bank account");
    return json(200, { data: toWireBankAccount(row) });
  });

  on("POST", `${userPath}/bank-accounts/:bankAccount`, (call) => {
    bankAccounts.add(call.uuid("psu"), call.uuid("bankAccount"));
    return empty(204);
  });

  on("POST", `${userPath}/bank-accounts/:bankAccount/forward`, (call) => {
    const [psuID, id] = [call.uuid("psu"), call.uuid("bankAccount")];
    const { connectorID } = readJsonBody(
      call.body,
      forwardBody,
      "PaymentServiceUserForwardBankAccountToConnectorRequest",
    );
    if (connectorID === null || connectorID === "") throw invalid("ConnectorID is a required field");
    if (faultOfEncodedId(connectorID) !== null) {
      const at = "PaymentServiceUserForwardBankAccountToConnectorRequest.ConnectorID";
      throw invalid(`Key: '${at}' Error:Field validation for 'ConnectorID' failed on the 'connectorID' tag`);
    }
    return json(202, { data: { taskID: bankAccounts.forward(psuID, id, connectorID) } });
  });
}
