// Holds the deploy templates against what the clouds take, offline:
//   node check_templates.mjs sam FILE...        CloudFormation's and SAM's resource specification (@aws-cdk/cfnspec)
//   node check_templates.mjs knative FILE...    the schema of serving.knative.dev/v1 (@kubernetes-models/knative)
//   node check_templates.mjs cloud-run FILE...  the same, with the one member that Cloud Run adds
// Prints a line of JSON for each: {"problems": [sentence ...], "values": how many were looked at}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const require = createRequire(import.meta.url);
let problems = [];
let checked = 0;

function problem(where, sentence) {
	problems.push(`${where}: ${sentence}`);
}

// CloudFormation's short forms: !Ref x is {Ref: x}, !GetAtt a.b is {"Fn::GetAtt": ["a", "b"]}, the rest {"Fn::X": ...}.
const tag = (name, resolve) => ({ tag: `!${name}`, resolve });
const shortForms = [
	tag("Ref", (text) => ({ Ref: text })),
	tag("Sub", (text) => ({ "Fn::Sub": text })),
	tag("GetAtt", (text) => ({ "Fn::GetAtt": text.split(/\.(.*)/s).slice(0, 2) })),
];

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isIntrinsic = (value) => isObject(value) && Object.keys(value).length === 1 && /^(Ref|Fn::.+)$/.test(Object.keys(value)[0]);

const primitives = {
	String: (value) => typeof value === "string" || typeof value === "number",
	Integer: Number.isInteger,
	Long: Number.isInteger,
	Double: (value) => typeof value === "number",
	Boolean: (value) => typeof value === "boolean",
	Json: (value) => typeof value === "object",
	Timestamp: (value) => typeof value === "string",
};

class Template {
	constructor(template) {
		this.all = Template.specification ??= require("@aws-cdk/cfnspec").filteredSpecification(() => true);
		this.correct();
		this.template = template;
		this.resources = template.Resources;
	}

	// Where the specification's part for SAM differs from SAM's own documentation.
	correct() {
		const api = this.all.ResourceTypes["AWS::Serverless::HttpApi"].Properties;
		this.all.PropertyTypes["AWS::Serverless::HttpApi.AccessLogSettings"] =
			this.all.PropertyTypes["AWS::ApiGatewayV2::Stage.AccessLogSettings"];
		api.AccessLogSettings = { Type: "AccessLogSettings" };
		delete api.AccessLogSetting;
		this.all.PropertyTypes["AWS::Serverless::Function.DeploymentPreference"].Properties.Enabled.Required = false;
	}

	// "Bucket" of AWS::S3::Bucket is the property type AWS::S3::Bucket.Bucket, or a type of all resources: Tag.
	propertyType(resource, name) {
		return this.all.PropertyTypes[`${resource}.${name}`] ?? this.all.PropertyTypes[name];
	}

	check() {
		for (const [name, resource] of Object.entries(this.resources)) {
			const type = this.all.ResourceTypes[resource.Type];
			if (!type) {
				problem(name, `there is no resource type ${resource.Type}`);
				continue;
			}
			for (const member of Object.keys(resource))
				if (!["Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "Metadata"].includes(member))
					problem(name, `a resource has no ${member}`);
			this.properties(name, resource.Type, type.Properties, resource.Properties ?? {});
		}
		this.references("", this.template);
	}

	properties(where, resource, known, given) {
		if (!isObject(given))
			return problem(where, "is to be an object");
		for (const [name, value] of Object.entries(given)) {
			if (!known[name])
				problem(where, `has no property ${name}; only ${Object.keys(known).join(", ")}`);
			else
				this.value(`${where}.${name}`, resource, known[name], value);
		}
		for (const [name, property] of Object.entries(known))
			if (property.Required && given[name] === undefined)
				problem(where, `lacks ${name}`);
	}

	value(where, resource, property, value) {
		checked++;
		if (isIntrinsic(value))
			return;
		if (property.Type === "List" || property.Type === "Map") {
			const good = property.Type === "List" ? Array.isArray(value) : isObject(value);
			if (!good)
				return problem(where, `is to be a ${property.Type}`);
			const item = { PrimitiveType: property.PrimitiveItemType, Type: property.ItemType, Types: property.ItemTypes };
			for (const [name, each] of Object.entries(value))
				this.value(`${where}.${name}`, resource, item, each);
			return;
		}
		this.choice(where, resource, property, value);
	}

	// One of several types, primitive or not.
	choice(where, resource, property, value) {
		const lists = [property.InclusiveItemTypes, property.InclusivePrimitiveItemTypes].flatMap((each) => each ?? []);
		if (Array.isArray(value) && lists.length) {
			const item = { Types: property.InclusiveItemTypes, PrimitiveTypes: property.InclusivePrimitiveItemTypes };
			return value.forEach((each, index) => this.choice(`${where}.${index}`, resource, item, each));
		}
		const simple = [property.PrimitiveType, ...(property.PrimitiveTypes ?? [])].filter(Boolean);
		if (simple.some((name) => primitives[name](value)))
			return;
		const types = [property.Type, ...(property.Types ?? [])].filter(Boolean);
		const before = problems.length;
		let least = null;
		for (const name of types) {
			const type = this.propertyType(resource, name);
			if (!type)
				throw new Error(`the specification lacks ${resource}.${name}`);
			if (type.Properties)
				this.properties(where, resource, type.Properties, value);
			else
				this.value(where, resource, type, value);
			const found = problems.splice(before);
			if (!found.length)
				return;
			least = least && least.length <= found.length ? least : found;
		}
		problems.push(...(least ?? [`${where}: is to be ${simple.join(" or ")}`]));
	}

	// Everything named is there, and a resource has the attribute that is asked of it.
	references(where, value) {
		if (!isObject(value) && !Array.isArray(value))
			return;
		if (value.Ref !== undefined)
			this.reference(where, value.Ref);
		if (value["Fn::GetAtt"])
			this.attribute(where, ...value["Fn::GetAtt"]);
		if (value["Fn::Sub"])
			for (const [, name] of value["Fn::Sub"].matchAll(/\$\{([^}!]+)\}/g))
				this.reference(where, name);
		for (const [name, each] of Object.entries(value))
			this.references(`${where}/${name}`, each);
	}

	reference(where, name) {
		checked++;
		// SAM makes <function>.Alias and .Version of a function that publishes an alias.
		const [resource, made] = name.split(".");
		const known = this.resources[resource] ?? this.template.Parameters[resource];
		const isMade = ["Alias", "Version"].includes(made) && known?.Properties?.AutoPublishAlias;
		if (!name.startsWith("AWS::") && !(known && (!made || isMade)))
			problem(where, `there is no ${name}`);
	}

	attribute(where, resource, name) {
		checked++;
		const type = this.all.ResourceTypes[this.resources[resource]?.Type];
		if (!type?.Attributes?.[name])
			problem(where, `${resource} has no attribute ${name}`);
	}
}

// The schema says nothing of members it does not know. One that it knows refuses a value of another type, so each value
// is once replaced by a wrong one, which must be noticed.
function knative(service) {
	const { Service } = require("@kubernetes-models/knative/serving.knative.dev/v1/Service");
	const refusal = (data) => {
		try {
			new Service(data).validate();
			return null;
		} catch (error) {
			return error.message;
		}
	};
	const found = refusal(service);
	if (found)
		problem("service", found);
	const visit = (where, holder) => {
		for (const [name, value] of Object.entries(holder)) {
			holder[name] = typeof value === "object" ? "wrong" : [["wrong"]];
			if (!refusal(service))
				problem(`${where}.${name}`, "the schema does not know it");
			holder[name] = value;
			checked++;
			if (typeof value === "object")
				visit(`${where}.${name}`, value);
		}
	};
	visit("spec", service.spec);
	for (const container of service.spec.template.spec.containers)
		if (!container.image)
			problem("spec.template.spec.containers", "a container without an image");
}

// A start-up probe has the form of a readiness probe.
function cloudRun(service) {
	for (const container of service.spec.template.spec.containers) {
		container.readinessProbe = container.startupProbe;
		delete container.startupProbe;
	}
	knative(service);
}

const [kind, ...paths] = process.argv.slice(2);
const checks = { sam: (template) => new Template(template).check(), knative, "cloud-run": cloudRun };
for (const path of paths) {
	problems = [];
	checked = 0;
	checks[kind](parse(readFileSync(path, "utf8"), { customTags: shortForms, strict: true }));
	console.log(JSON.stringify({ problems, values: checked }));
}
