/** The Kubernetes manifests, rendered by Kustomize and checked against the schemas of their kinds. */
import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../../src/config/config.ts";
import { readDockerfile } from "../support/dockerfile.ts";
import { runCommand, startGatewayCommand } from "../support/process.ts";
import { isInstalled } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFile(join(root, path), "utf8");

/** Where the types of each kind are. */
const modules: Readonly<Record<string, string>> = {
  ConfigMap: "kubernetes-models/v1/ConfigMap",
  Deployment: "kubernetes-models/apps/v1/Deployment",
  Ingress: "kubernetes-models/networking.k8s.io/v1/Ingress",
  NetworkPolicy: "kubernetes-models/networking.k8s.io/v1/NetworkPolicy",
  PodDisruptionBudget: "kubernetes-models/policy/v1/PodDisruptionBudget",
  PrometheusRule: "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule",
  Service: "kubernetes-models/v1/Service",
  ServiceMonitor: "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor",
};

type Manifest = { readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string } };

/** What a cluster would be given. */
async function render(folder: string): Promise<readonly Manifest[]> {
  const { stdout } = await promisify(execFile)("kubectl", ["kustomize", join(root, folder)], { encoding: "utf8" });
  return parseAllDocuments(stdout).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

/**
 * Why an object is none of its kind; nothing where it is one. The schema finds values that are wrong, the type also
 * members that no such object has, which a cluster would refuse, or leave out.
 */
async function findFaults(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const faults: string[] = [];
  const lines: string[] = [];
  for (const [index, manifest] of manifests.entries()) {
    const { kind } = manifest;
    const path = modules[kind] ?? "";
    const { [kind]: Model } = (await import(path)) as Record<string, new (data: Manifest) => { validate(): void }>;
    try {
      if (Model === undefined) throw new Error("no such kind is known");
      new Model(manifest).validate();
    } catch (error) {
      faults.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
    lines.push(
      `import type { I${kind} as Kind${index} } from "${path}";`,
      `export const manifest${index}: Kind${index} = ${JSON.stringify(manifest)};`,
    );
  }
  // Below the checkout, where the types are found.
  await mkdir(join(root, ".cache"), { recursive: true });
  await using folder = await mkdtempDisposable(join(root, ".cache/kubernetes-"));
  const file = join(folder.path, "manifests.ts");
  await writeFile(file, lines.join("\n"));
  const options = ["--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck", "--types", "", "--module", "esnext"];
  const command = [...options, "--moduleResolution", "bundler", file];
  await using checking = runCommand(join(root, "node_modules/.bin/tsc"), command);
  if ((await checking.exit) !== 0) faults.push(checking.output());
  return faults;
}

function find<Kind>(manifests: readonly Manifest[], kind: string): Kind {
  return manifests.find((one) => one.kind === kind) as Kind;
}

const example = "deploy/kubernetes/overlays/example";

describe.skipIf(!isInstalled("kubectl"))("the Kubernetes manifests", () => {
  it.each([
    ["deploy/kubernetes/base", ["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"]],
    [
      example,
      [
        ...["ConfigMap", "Deployment", "Ingress", "NetworkPolicy"],
        ...["PodDisruptionBudget", "PrometheusRule", "Service", "ServiceMonitor"],
      ],
    ],
  ])("of %s are valid objects of their kinds", async (folder, kinds) => {
    const manifests = await render(folder);
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(await findFaults(manifests)).toEqual([]);
  });

  it.each<[string, (deployment: DeploymentManifest) => unknown]>([
    ["a member that no pod has", ({ spec }) => Object.assign(spec.template.spec, { terminationGracePeriod: 30 })],
    [
      "a number in place of a text",
      ({ spec }) => Object.assign(spec.template.spec.containers[0] as object, { image: 1 }),
    ],
    ["no containers", ({ spec }) => Reflect.deleteProperty(spec.template.spec, "containers")],
    ["a text in place of a number", ({ spec }) => Object.assign(spec, { replicas: "two" })],
  ])("would not be valid with %s", async (_title, breakIt) => {
    const deployment = find<DeploymentManifest>(await render(example), "Deployment");
    breakIt(deployment);
    expect(await findFaults([deployment])).not.toEqual([]);
  });

  it("select the pods that the Deployment makes, by labels and by the port's name", async () => {
    const manifests = await render(example);
    const { spec, metadata } = find<DeploymentManifest>(manifests, "Deployment");
    const { labels } = spec.template.metadata;
    const service = find<ServiceManifest>(manifests, "Service");
    for (const [, selector] of Object.entries({
      deployment: spec.selector.matchLabels,
      service: service.spec.selector,
      budget: find<BudgetManifest>(manifests, "PodDisruptionBudget").spec.selector.matchLabels,
      policy: find<PolicyManifest>(manifests, "NetworkPolicy").spec.podSelector.matchLabels,
    })) {
      expect(labels).toMatchObject(selector);
      expect(Object.keys(selector).length).toBeGreaterThan(0);
    }
    const port = spec.template.spec.containers[0].ports[0].name;
    expect(service.spec.ports).toMatchObject([{ targetPort: port }]);
    const monitor = find<MonitorManifest>(manifests, "ServiceMonitor");
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(monitor.spec.endpoints).toMatchObject([{ port: service.spec.ports[0].name, path: "/metrics" }]);
    expect(metadata.namespace).toBe("gateway");
    // Prometheus calls the job by the Service's name, and the alerts by the job's.
    expect(await read("docs/alerts.yaml")).toContain(`job="${service.metadata.name}"`);
  });

  it.each(["deploy/kubernetes/base", example])(
    "of %s have known settings that are valid together with those of the secret and the image",
    async (folder) => {
      const manifests = await render(folder);
      const { container } = readPod(manifests);
      const { data } = find<{ data: Record<string, string> } & Manifest>(manifests, "ConfigMap");
      const [[name = "", text = ""] = []] = Object.entries(data);
      expect(container.env[0].value).toBe(`${container.volumeMounts[0].mountPath}/${name}`);
      await using temporary = await mkdtempDisposable(join(tmpdir(), "kubernetes-"));
      const path = join(temporary.path, name);
      await writeFile(path, text);
      const written = await read("deploy/kubernetes/base/deployment.yaml");
      const secrets = [...written.matchAll(/--from-literal=(\w+)=/g)].map(([, key = ""]) => key);
      expect(secrets).toContain("CURSOR_SECRETS");
      const values: Record<string, string> = { REDIS_URL: "redis://redis:6379" };
      const secret = Object.fromEntries(secrets.map((key) => [key, values[key] ?? "x".repeat(44)]));
      const image = Object.fromEntries(
        readDockerfile(await read("Dockerfile"))
          .filter(({ name: word }) => word === "ENV")
          .flatMap(({ text: line }) =>
            [...line.matchAll(/(\w+)=(\S+)/g)].map(([, key = "", value = ""]) => [key, value]),
          ),
      );
      const config = readConfig({ ...image, ...secret, SETTINGS_FILE: path });
      expect(config).toMatchObject({ listen: { port: container.ports[0].containerPort }, auth: { kind: "jwt" } });
      expect(config).toMatchObject({
        live: { bus: { kind: "redis" } },
        graphiql: false,
        byName: { TRUSTED_PROXIES: 1 },
      });
    },
  );

  it("run as a user by number, without rights, on a file system that cannot be written", async () => {
    const { pod, container } = readPod(await render(example));
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.image).toMatch(/^registry\.example\.com\/open-banking-graphql-gateway:\d/);
  });

  it("have probes that the gateway answers, and a longer grace period than the gateway needs", async () => {
    const { pod, container } = readPod(await render(example));
    await using gateway = await startGatewayCommand();
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect((await fetch(`${gateway.url}${httpGet.path}`)).status).toBe(200);
    }
    // The server's grace period in `startServer`, and the preStop sleep.
    const [, graceMs] = /graceMs = ([\d_]+)/.exec(await read("src/http/server.ts")) ?? [];
    const stopsWithinS = Number(graceMs?.replaceAll("_", "")) / 1000 + container.lifecycle.preStop.sleep.seconds;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(stopsWithinS + 5);
  });

  it("expose nothing but GraphQL and the webhooks", async () => {
    const { rules } = find<IngressManifest>(await render(example), "Ingress").spec;
    const paths = rules.flatMap(({ http }) => http.paths.map(({ path, pathType }) => `${pathType} ${path}`));
    expect(paths).toEqual(["Exact /graphql", "Exact /webhooks/formance"]);
  });

  it("have the alerts of docs/alerts.yaml", async () => {
    const { spec } = find<{ spec: unknown } & Manifest>(await render(example), "PrometheusRule");
    expect(spec).toEqual(parse(await read("docs/alerts.yaml")));
  });
});

function readPod(manifests: readonly Manifest[]) {
  const { spec: pod } = find<DeploymentManifest>(manifests, "Deployment").spec.template;
  return { pod, container: pod.containers[0] };
}

type Labels = Readonly<Record<string, string>>;
type Probe = { readonly httpGet: { readonly path: string } };
type Container = {
  readonly image: string;
  readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
  readonly env: readonly [{ readonly value: string }];
  readonly volumeMounts: readonly [{ readonly mountPath: string }];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly securityContext: unknown;
};
type DeploymentManifest = Manifest & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly containers: readonly [Container] };
    };
  };
};
type ServiceManifest = Manifest & {
  readonly metadata: { readonly labels: Labels };
  readonly spec: { readonly selector: Labels; readonly ports: readonly [{ readonly name: string }] };
};
type BudgetManifest = Manifest & { readonly spec: { readonly selector: { readonly matchLabels: Labels } } };
type PolicyManifest = Manifest & { readonly spec: { readonly podSelector: { readonly matchLabels: Labels } } };
type MonitorManifest = Manifest & {
  readonly spec: { readonly selector: { readonly matchLabels: Labels }; readonly endpoints: unknown };
};
type IngressManifest = Manifest & {
  readonly spec: {
    readonly rules: readonly { http: { paths: readonly { path: string; pathType: string }[] } }[];
  };
};
