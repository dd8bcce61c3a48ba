/* Français, ce que disent les deux pages. */
import type { SharedKey } from "./text";

export const fr: Record<SharedKey, string> = {
	"close": "Fermer",
	"retry": "Réessayer",
	"language.en": "English",
	"language.fr": "Français",
	"product": "Daybreak",

	"signin.title": "Connexion",
	"signin.name": "Nom",
	"signin.password": "Mot de passe",
	"signin.submit": "Se connecter",
	"signin.busy": "Vérification…",
	"signin.wrong": "Ce nom et ce mot de passe ne vont pas ensemble. Vérifiez les deux et réessayez.",
	"signin.toomany": "Trop de mots de passe erronés. Attendez un peu, puis réessayez.",
	"signin.ended": "Votre session est terminée. Connectez-vous pour reprendre où vous en étiez.",

	"password.title": "Changer mon mot de passe",
	"password.old": "Mot de passe actuel",
	"password.new": "Nouveau mot de passe",
	"password.hint": "Au moins {n} caractères. Plusieurs mots que vous seul mettez ensemble sont sûrs et faciles à retenir.",
	"password.again": "Le nouveau encore une fois",
	"password.differ": "Les deux nouveaux mots de passe ne sont pas les mêmes. Saisissez-les encore.",
	"password.submit": "Changer",
	"password.cancel": "Annuler",
	"password.done": "Votre mot de passe est changé. Partout ailleurs, vous êtes déconnecté.",

	"error.unreachable": "L’appareil ne répond pas. Vérifiez le réseau, puis réessayez.",
	"error.unknown": "L’appareil a refusé sans donner de raison (statut {status}).",

	"head.signout": "Se déconnecter",
	"head.theme.light": "Passer au thème clair",
	"head.theme.dark": "Passer au thème sombre",
	"head.help": "Raccourcis clavier",
	"head.language": "Langue",
	"link.starting": "Connexion",
	"link.live": "En direct",
	"link.polling": "En direct, vérifié toutes les quelques secondes",
	"link.unreachable": "Appareil injoignable depuis {time}",
};
