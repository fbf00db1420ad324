package story_test

import (
	"strings"
	"testing"

	"copydesk"
	"copydesk/story/credit"
)

// Four paragraphs of one story, and one of another, in each language.
var inLanguages = map[string]struct {
	title, other string
	paragraphs   [4]string
	unrelated    string
}{
	"en": {"Lighthouse of Port Ellery to shine again", "What we read today", [4]string{
		"After nineteen years in the dark, the lighthouse of Port Ellery will shine again next spring, the council decided on Tuesday evening.",
		"The company Norrland Lines wants to run two boats a day to the outer islands and needs a light to steer by at night.",
		"Fishermen fear that the wake of the boats will damage the mussel beds along the southern quay of the little harbour.",
		"A glass maker from Lund has been found to copy the broken lens from an old drawing that was kept in the church.",
	}, "Wheat prices climb in the Anselm valley, where farmers expect half of last year's harvest and the mill at Korby has raised what it asks for a sack of flour by a fifth since the beginning of May, as the drought goes on and the wells of the upper villages begin to fail one after another."},
	"de": {"Leuchtturm von Port Ellery soll wieder leuchten", "Was wir heute lesen", [4]string{
		"Nach neunzehn dunklen Jahren soll der Leuchtturm von Port Ellery im nächsten Frühjahr wieder leuchten, wie der Rat am Dienstagabend beschloss.",
		"Die Reederei Norrland Lines will zweimal am Tag zu den äußeren Inseln fahren und braucht dafür in der Nacht ein Feuer.",
		"Die Fischer fürchten, dass die Wellen der Schiffe den Muschelbänken am südlichen Kai des kleinen Hafens schaden werden.",
		"Eine Glasmacherin aus Lund soll die zerbrochene Linse nach einer alten Zeichnung nachbilden, die in der Kirche aufbewahrt wurde.",
	}, "Die Weizenpreise steigen im Tal von Anselm, wo die Bauern nur die halbe Ernte des vergangenen Jahres erwarten und die Mühle in Korby seit Anfang Mai für einen Sack Mehl ein Fünftel mehr verlangt, während die Dürre anhält und die Brunnen der oberen Dörfer einer nach dem anderen versiegen."},
	"es": {"El faro de Port Ellery volverá a brillar", "Lo que leemos hoy", [4]string{
		"Tras diecinueve años a oscuras, el faro de Port Ellery volverá a brillar la próxima primavera, decidió el ayuntamiento el martes por la noche.",
		"La compañía Norrland Lines quiere hacer dos viajes al día a las islas exteriores y necesita una luz para guiarse de noche.",
		"Los pescadores temen que la estela de los barcos dañe los bancos de mejillones a lo largo del muelle sur del pequeño puerto.",
		"Una vidriera de Lund copiará la lente rota a partir de un viejo dibujo que se guardaba en la iglesia del pueblo.",
	}, "El precio del trigo sube en el valle de Anselm, donde los campesinos esperan la mitad de la cosecha del año pasado y el molino de Korby cobra desde principios de mayo una quinta parte más por cada saco de harina, mientras sigue la sequía y se agotan uno tras otro los pozos de las aldeas altas."},
	"zh": {"埃勒里港灯塔将重新点亮", "今天我们读什么", [4]string{
		"在黑暗中度过十九年之后，埃勒里港的灯塔将于明年春天重新点亮，镇议会星期二晚上作出了这一决定。",
		"诺尔兰航运公司计划每天开两班船前往外海岛屿，夜里航行需要一盏灯来指引方向。",
		"渔民们担心船只掀起的波浪会损坏小港南码头沿线的贻贝养殖场，要求限制航速。",
		"隆德的一位玻璃匠将按照教堂里保存的一张旧图纸复制那块破碎的透镜，工程十一月开始。",
	}, "安塞尔谷地的小麦价格不断上涨，农民预计今年收成只有去年的一半，科尔比磨坊自五月初以来已把每袋面粉的价格提高了五分之一，旱情仍在继续，上游村庄的水井一口接一口地干涸，县里正在考虑用卡车运水。"},
	"ja": {"エレリー港の灯台が再び灯る", "今日読んだもの", [4]string{
		"十九年の暗闇を経て、エレリー港の灯台が来春ふたたび灯ることになったと町議会が火曜日の夜に決めた。",
		"ノールランド汽船は沖の島々へ一日二便を走らせる計画で、夜の航海には目印となる明かりが必要だという。",
		"漁師たちは船の波が小さな港の南岸壁に沿ったムール貝の養殖場を傷めるのではないかと心配している。",
		"ルンドのガラス職人が教会に残されていた古い図面をもとに、割れたレンズを作り直すことになっている。",
	}, "アンセルム谷では小麦の値段が上がり続けており、農家は去年の半分ほどの収穫しか見込めず、コルビーの製粉所は五月のはじめから小麦粉一袋の値段を二割引き上げたうえ、日照りはなお続き、上流の村々の井戸は次々に涸れている。"},
	"ar": {"منارة بورت إيلري ستضيء من جديد", "ما قرأناه اليوم", [4]string{
		"بعد تسعة عشر عاما من الظلام ستضيء منارة بورت إيلري من جديد في الربيع المقبل كما قرر مجلس البلدة مساء يوم الثلاثاء الماضي.",
		"وتريد شركة نورلاند تسيير رحلتين كل يوم إلى الجزر البعيدة وتحتاج السفن إلى ضوء تهتدي به في الليل عند مدخل الميناء.",
		"ويخشى الصيادون أن تضر أمواج السفن بمزارع المحار على طول الرصيف الجنوبي للميناء الصغير وطلبوا تحديد السرعة هناك.",
		"وستقوم صانعة زجاج من لوند بنسخ العدسة المكسورة من رسم قديم كان محفوظا في كنيسة البلدة منذ أكثر من مئة عام.",
	}, "ترتفع أسعار القمح في وادي أنسلم حيث يتوقع المزارعون نصف محصول العام الماضي ورفعت مطحنة كوربي ثمن كيس الدقيق بمقدار الخمس منذ بداية شهر مايو بينما يستمر الجفاف وتجف آبار القرى العليا واحدة بعد أخرى ويفكر المسؤولون في نقل الماء إلى السكان بالشاحنات من السهل القريب قبل حلول الصيف"},
	"hi": {"पोर्ट एलरी का प्रकाशस्तंभ फिर जलेगा", "आज हमने क्या पढ़ा", [4]string{
		"उन्नीस साल के अंधेरे के बाद पोर्ट एलरी का प्रकाशस्तंभ अगले वसंत में फिर जलेगा, नगर परिषद ने मंगलवार की शाम यह फैसला किया।",
		"नॉरलैंड कंपनी दूर के द्वीपों तक रोज दो नावें चलाना चाहती है और रात में रास्ता देखने के लिए उसे रोशनी चाहिए।",
		"मछुआरों को डर है कि नावों की लहरें छोटे बंदरगाह के दक्षिणी घाट पर सीपियों की खेती को नुकसान पहुंचाएंगी।",
		"लुंड की एक कांच बनाने वाली महिला गिरजाघर में रखे पुराने चित्र को देखकर टूटा हुआ लेंस फिर से बनाएगी।",
	}, "एन्सेल्म घाटी में गेहूं के दाम बढ़ रहे हैं जहां किसानों को पिछले साल की आधी फसल की उम्मीद है और कोर्बी की चक्की ने मई की शुरुआत से आटे की बोरी का दाम पांचवां हिस्सा बढ़ा दिया है जबकि सूखा जारी है और ऊपर के गांवों के कुएं एक के बाद एक सूखते जा रहे हैं और अधिकारी ट्रकों से पानी भेजने की सोच रहे हैं"},
}

func TestCopiesAreFoundInSevenLanguages(t *testing.T) {
	for language, c := range inLanguages {
		whole := "<p>" + strings.Join(c.paragraphs[:], "</p><p>") + "</p>"
		in := func(source, title, text string, minute int) copydesk.Voice {
			v := written(source, title, text, minute)
			v.Entry.Language = language
			return v
		}
		for drop := range 4 {
			left := append(append([]string{}, c.paragraphs[:drop]...), c.paragraphs[drop+1:]...)
			d := newDesk()
			d.arrive(in("a", c.title, whole, 0))
			// Days later and under another headline: nothing but the text tells.
			g := d.arrive(in("b", c.other, "<p>"+strings.Join(left, "</p><p>")+"</p>", 4*24*60))
			if len(g.Story.Members) != 2 || g.Story.Members[1].Evidence[0].Step != copydesk.StepSameText {
				t.Errorf("%s, without paragraph %d: %s", language, drop, g.Reason)
			}
			if g := d.arrive(in("c", c.other, "<p>"+c.unrelated+"</p>", 4*24*60+5)); len(g.Story.Members) != 1 {
				t.Errorf("%s: another text was merged: %s", language, g.Reason)
			}
		}
	}
}

func TestStrangersAreThePublishersThatNoSourceIs(t *testing.T) {
	v := written("gather", "Ferry sinks", "", 0)
	v.Entry.Credits = []copydesk.Credit{{Publisher: "Reuters"}, {Publisher: "Tide Wire"}, {URL: "https://www.third.example/1"}, {Publisher: "Gather Daily"}}
	v.Source.Publisher = "Gather Daily"
	v.Entry.Origin = copydesk.Origin{Title: "Harbour Post", URL: "https://post.example/"}
	wire := written("tidewire", "Ferry", "", 0).Source
	wire.Publisher = "The Tide Wire"
	if got := strangers(v, wire); got != "Harbour Post, Reuters, third.example" {
		t.Errorf("got %s", got)
	}
	wire.AKA = []string{"Reuters"}
	if got := strangers(v, wire); got != "Harbour Post, third.example" {
		t.Errorf("got %s", got)
	}
}

func strangers(v copydesk.Voice, sources ...copydesk.Source) string {
	return strings.Join(credit.Strangers(v, sources), ", ")
}
